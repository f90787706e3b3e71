// Ports and parameters of a module as tables.
import type { ModulePage } from "../api/types";
import { marked } from "./HelpText";

export function ModulePorts({ title, ports }: { title: string; ports: ModulePage["inputs"] }) {
  if (ports.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <table className="help-table">
        <tbody>
          {ports.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                {one.label}
                <code>{one.name}</code>
              </th>
              <td>
                {one.holds}
                {one.optional && ", optional"}
                <OldNames names={one.old_names} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function ModuleParameters({ parameters }: { parameters: ModulePage["parameters"] }) {
  if (parameters.length === 0) return null;
  return (
    <section>
      <h3>Parameters</h3>
      <table className="help-table">
        <tbody>
          {parameters.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                {one.label}
                <code>{one.name}</code>
              </th>
              <td>
                <p>{marked(`${one.help} ${one.condition}`.trim())}</p>
                <p className="soft">
                  <Takes parameter={one} />
                </p>
                <OldNames names={one.old_names} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Takes({ parameter: one }: { parameter: ModulePage["parameters"][number] }) {
  const takes = one.takes.charAt(0).toUpperCase() + one.takes.slice(1);
  const [first = "", ...more] = one.default.split("\n");
  return (
    <>
      {takes}
      {one.choices.length > 0 && `: ${one.choices.join(" · ")}`}
      {one.required && ". Required"}
      {one.default !== "" && (
        <>
          . Default <code>{more.length > 0 ? `${first} …` : first}</code>
        </>
      )}
    </>
  );
}

function OldNames({ names }: { names: string[] }) {
  return names.length > 0 ? <p className="help-old">Formerly {names.join(", ")}</p> : null;
}
