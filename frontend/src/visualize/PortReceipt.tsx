// The type receipt of a port: what was changed where the data crossed the script's border [69].
import type { Receipt } from "../api/types";
import { Asked } from "../ui/Waiting";
import { useNodeRun } from "./tableQueries";

export function PortReceipt({ run, node, port }: { run: number; node: string; port: string }) {
  const nodeRun = useNodeRun(run, node);
  return (
    <Asked query={nodeRun}>
      {({ receipts }) => (
        <>
          <ReceiptList entries={receipts[`out:${port}`] ?? []} />
          {Object.entries(receipts)
            .filter(([place, entries]) => place.startsWith("in:") && entries.length > 0)
            .map(([place, entries]) => (
              <details key={place}>
                <summary>
                  Before, at the input {place.slice(3)} ({entries.length})
                </summary>
                <ReceiptList entries={entries} label={`Type receipt of ${place.slice(3)}`} />
              </details>
            ))}
        </>
      )}
    </Asked>
  );
}

interface ReceiptListProps {
  entries: Receipt[];
  label?: string;
  /** What is said when there are none. */
  none?: string;
}

export function ReceiptList({ entries, label = "Type receipt", none = "Nothing was changed where the data crossed the border." }: ReceiptListProps) {
  if (entries.length === 0) return <p className="soft">{none}</p>;
  return (
    <ul className="receipt" aria-label={label}>
      {entries.map((entry, index) => (
        <li key={index} className={entry.lossy ? "receipt-entry is-lossy" : "receipt-entry"}>
          <span>{entry.text}</span>
          <span className="soft">
            {entry.code}
            {entry.lossy ? ", not reversible" : ""}
          </span>
        </li>
      ))}
    </ul>
  );
}
