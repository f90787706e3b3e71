// The inputs, outputs and parameters of a published version with their columns.
import type { ServicePort, ServiceVersion } from "../api/types";

export function Ports({ version }: { version: ServiceVersion }) {
  return (
    <div className="services-ports">
      {version.inputs.map((port) => (
        <PortCard key={port.name} word="input" port={port} />
      ))}
      {version.outputs.map((port) => (
        <PortCard key={port.name} word="output" port={port} isConstant={version.constants.includes(port.name)} />
      ))}
      {version.parameters.length > 0 && <Parameters version={version} />}
    </div>
  );
}

function PortCard({ word, port, isConstant }: { word: string; port: ServicePort; isConstant?: boolean }) {
  return (
    <article className="services-card" aria-label={`${word} ${port.name}`}>
      <header>
        <span className={`services-kind services-kind-${word}`}>{word}</span> <strong>{port.name}</strong>
        <span className="soft mono services-at">{port.at}</span>
      </header>
      {isConstant && <p className="soft">The same at every request.</p>}
      {port.columns ? (
        <table className="services-columns">
          <tbody>
            {port.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">{column.name}</th>
                <td>{column.words}</td>
                <td className="soft">{column.has_missing ? "may be missing" : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className="soft">{port.type === "dataset" ? "any table" : port.type}</p>
      )}
    </article>
  );
}

function Parameters({ version }: { version: ServiceVersion }) {
  return (
    <article className="services-card" aria-label="parameters">
      <header>
        <span className="services-kind">parameters</span>
      </header>
      <table className="services-columns">
        <tbody>
          {version.parameters.map((one) => (
            <tr key={one.name}>
              <th scope="row">{one.name}</th>
              <td>
                {one.type}
                {one.choices.length > 0 && `: ${one.choices.join(", ")}`}
                {one.description && <div className="soft">{one.description}</div>}
              </td>
              <td className="soft">{one.is_required ? "required" : `default ${JSON.stringify(one.default)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  );
}
