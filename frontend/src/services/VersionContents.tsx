// What a version contains: modules, data that stays the same, environments with their locks [87].
import type { ServiceVersion } from "../api/types";

export function VersionContents({ version }: { version: ServiceVersion }) {
  return (
    <div className="services-parts">
      {version.warnings.map((warning) => (
        <p key={warning} className="services-warning" role="note">
          {warning}
        </p>
      ))}
      {version.nodes.length === 0 ? (
        <p>Nothing runs at a request: all outputs are constant.</p>
      ) : (
        <table className="table">
          <caption className="services-caption">Run at each request, in this order</caption>
          <thead>
            <tr>
              <th>Node</th>
              <th>Module</th>
              <th>Environment</th>
              <th>Kept with it</th>
            </tr>
          </thead>
          <tbody>
            {version.nodes.map((node) => (
              <tr key={node.node}>
                <td>
                  <strong>{node.node}</strong>
                </td>
                <td>
                  {node.module_name}
                  {node.script && <div className="soft mono">{node.script}</div>}
                </td>
                <td>{node.environment}</td>
                <td className="soft">
                  {[
                    ...node.static.map((port) => `the data at ${port}`),
                    ...node.files.map((file) => `the file ${file}`),
                    ...(node.has_bundle ? ["its script bundle"] : []),
                  ].join(", ") || "–"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {version.constants.length > 0 && (
        <p>
          Computed once, the same at every request: <strong>{version.constants.join(", ")}</strong>
        </p>
      )}
      {version.environments.map((one) => (
        <details key={one.key} className="services-lock">
          <summary>
            Environment <strong>{one.name}</strong>, Python {one.python}
            <span className="soft"> · {one.lock.split("\n").filter(Boolean).length} packages · </span>
            <span className="soft mono">{one.digest.slice(0, 12)}</span>
          </summary>
          <pre>{one.lock || "no packages"}</pre>
        </details>
      ))}
    </div>
  );
}
