// Running help: paragraphs, lists, tables and code, as a module's docstring has them.
import { Fragment, type ReactNode } from "react";

import type { ModulePage } from "../api/types";

type Block = ModulePage["text"][number];

/** Words between backticks as code. */
export function marked(text: string): ReactNode {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>));
}

export function HelpText({ blocks }: { blocks: Block[] }) {
  return blocks.map((block, index) => <HelpBlock key={index} block={block} />);
}

function HelpBlock({ block }: { block: Block }) {
  if (block.kind === "code") return <pre className="help-code">{block.lines.join("\n")}</pre>;
  if (block.kind === "table") return <HelpTable rows={block.rows} />;
  if (block.kind === "list")
    return (
      <ul>
        {block.lines.map((line, index) => (
          <li key={index}>{marked(line)}</li>
        ))}
      </ul>
    );
  return block.lines.map((line, index) => <p key={index}>{marked(line)}</p>);
}

function HelpTable({ rows: [head = [], ...rows] }: { rows: string[][] }) {
  return (
    <table className="help-table">
      <thead>
        <tr>
          {head.map((cell, at) => (
            <th key={at}>{marked(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, index) => (
          <tr key={index}>
            {cells.map((cell, at) => (
              <td key={at}>{marked(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
