// What an object says of itself: a trained model, an untrained one, a transformation; its settings and tables [67].
import type { ReactNode } from "react";

import type { ObjectCard } from "../../api/types";
import { bytes, statistic } from "../../ui/quantities";
import { CardTableView } from "./CardTableView";
import "./objects.css";

interface CardViewProps {
  card: ObjectCard;
  /** What the object is, such as "trained model"; "" where that is not known. */
  holds: string;
  size: number;
  digest: string;
  children?: ReactNode;
}

export default function CardView({ card, holds, size, digest, children }: CardViewProps) {
  return (
    <div className={`object-card ${card.tables.length === 0 ? "is-narrow" : ""}`}>
      <div className="object-side">
        <header>
          <p className="object-kind">{holds || "Python object"}</p>
          <h2>{card.title}</h2>
        </header>
        {card.settings.length > 0 && (
          <section className="object-part">
            <h3>Settings</h3>
            <table className="statistics object-settings" aria-label="Settings">
              <tbody>
                {card.settings.map(([name, value], index) => (
                  <tr key={index}>
                    <th scope="row">{String(name ?? "")}</th>
                    <td>{settingText(value)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        <section className="object-part">
          <h3>Content</h3>
          <dl className="facts">
            <dt>Size</dt>
            <dd>{bytes(size)}</dd>
            <dt>SHA-256</dt>
            <dd className="mono" title={digest}>
              {digest.slice(0, 16)}…
            </dd>
          </dl>
          <p className="chart-note">The object itself is opened only in a jail, by a node that has it as input.</p>
          {children}
        </section>
      </div>
      {card.tables.length > 0 && (
        <div className="object-tables">
          {card.tables.map((table, index) => (
            <CardTableView key={index} table={table} />
          ))}
        </div>
      )}
    </div>
  );
}

function settingText(value: ObjectCard["settings"][number][1]): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" && !Number.isInteger(value) ? String(value) : statistic(value);
}
