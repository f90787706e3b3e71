// What the service answered: tables or JSON, status, time, and what the nodes printed.
import { useState } from "react";

import type { AnswerTable, TryAnswer } from "../api/types";
import { count, duration } from "../ui/quantities";
import { Choice } from "./Choice";
import { CopyButton } from "./CopyButton";

export function Answer({ answer }: { answer: TryAnswer }) {
  const [mode, setMode] = useState<"table" | "json">("table");
  const isGood = answer.status === 200;
  return (
    <>
      <div className="services-bar">
        <h2>Answer</h2>
        {isGood && (
          <Choice
            label="Form of the answer"
            value={mode}
            options={[
              { value: "table", label: "Table" },
              { value: "json", label: "JSON" },
            ]}
            onChange={setMode}
          />
        )}
      </div>
      <p className="services-verdict">
        <span className={isGood ? "services-good" : "services-bad"}>{answer.status}</span>
        <span>
          version {answer.version} answered in {duration(answer.milliseconds / 1000)}
        </span>
      </p>
      {isGood && mode === "table" ? (
        answer.outputs.map((table) => <OutputTable key={table.name} table={table} />)
      ) : (
        <div className="services-code">
          <pre>{answer.body}</pre>
          <CopyButton text={answer.body} what="the answer" />
          {answer.is_cut && <p className="soft">The answer is longer; this is its beginning.</p>}
        </div>
      )}
      {answer.log && (
        <details open={!isGood}>
          <summary>What the nodes printed</summary>
          <pre className="services-log">{answer.log}</pre>
        </details>
      )}
    </>
  );
}

function OutputTable({ table }: { table: AnswerTable }) {
  return (
    <figure className="services-output">
      <figcaption>
        <strong>{table.name}</strong>
        <span className="soft">
          {" "}
          · {count(table.total)} {table.total === 1 ? "row" : "rows"}
          {table.total > table.rows.length && `, the first ${count(table.rows.length)} are shown`}
        </span>
      </figcaption>
      <div className="services-scroll">
        <table className="table services-result" aria-label={table.name}>
          <thead>
            <tr>
              {table.columns.map((name, index) => (
                <th key={index}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, at) => (
              <tr key={at}>
                {row.map((cell, index) => (
                  <td key={index} className={typeof cell === "number" ? "is-number" : ""}>
                    {cell === null ? <span className="soft">missing</span> : String(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
