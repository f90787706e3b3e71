// What a module is and what its parameters mean, at the bottom of the panel [51].
import { CircleHelp } from "lucide-react";
import type { ReactNode } from "react";

import type { Module, Parameter } from "../api/types";
import { Section } from "./Section";

export function QuickHelp({ module, parameters }: { module: Module; parameters: Parameter[] }) {
  const helped = parameters.filter((one) => one.help);
  const [text = "", example] = module.description.split(/\n\s*Example:\n/);
  const paragraphs = text.split(/\n\s*\n/).map((one) => one.trim());
  return (
    <Section id="help" title="Quick help">
      <div className="panel-help">
        <p className="panel-help-title">
          <CircleHelp size={15} aria-hidden /> {module.name}
        </p>
        {module.summary && <p>{marked(module.summary)}</p>}
        {helped.length > 0 && (
          <dl>
            {helped.map((one) => (
              <div key={one.name}>
                <dt>{one.label || one.name}</dt>
                <dd>{marked(one.help)}</dd>
              </div>
            ))}
          </dl>
        )}
        <details>
          <summary>More help</summary>
          <div className="panel-help-more">
            {paragraphs
              .filter((one) => one && one !== module.summary)
              .map((one, index) => (
                <Paragraph key={index} text={one} />
              ))}
            {example && <pre>{example.replace(/^ {4,8}/gm, "")}</pre>}
            <p className="soft">
              Module <code>{module.id}</code>
              {module.origin && `, from ${module.origin}`}. How it stands in the file: docs/experiment-files.md.
            </p>
          </div>
        </details>
      </div>
    </Section>
  );
}

/** Words between backticks as code. */
function marked(text: string): ReactNode[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

/** A paragraph of a docstring: a table where its lines begin with a bar, else running text. */
function Paragraph({ text }: { text: string }) {
  if (!text.startsWith("|")) return <p>{marked(text.replace(/\s*\n\s*/g, " "))}</p>;
  const rows = text
    .split("\n")
    .map((line) => line.trim().replace(/^\||\|$/g, "").split("|"))
    .filter((cells) => !cells.every((cell) => /^[\s:-]*$/.test(cell)));
  return (
    <table className="panel-help-table">
      <tbody>
        {rows.map((cells, index) => (
          <tr key={index}>
            {cells.map((cell, at) => (
              <td key={at}>{marked(cell.trim())}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
