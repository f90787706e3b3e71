// What an object says of itself: a trained model, an untrained one, a transformation; its settings and tables [67].
import type { ReactNode } from "react";

import { useModules } from "../../api/queries";
import type { ObjectCard, PortView } from "../../api/types";
import { own } from "../../document/records";
import { bytes, statistic } from "../../ui/quantities";
import { useRun } from "../tableQueries";
import { CardTableView } from "./CardTableView";
import "./objects.css";

interface CardViewProps {
  view: PortView;
  card: ObjectCard;
  run: number;
  node: string;
  port: string;
  children?: ReactNode;
}

export default function CardView({ view, card, run, node, port, children }: CardViewProps) {
  const holds = useHolds(run, node, port);
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
            <dd>{bytes(view.size)}</dd>
            <dt>SHA-256</dt>
            <dd className="mono" title={view.digest}>
              {view.digest.slice(0, 16)}…
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

/** What the port is declared to hold, such as "trained model". */
function useHolds(run: number, node: string, port: string): string {
  const modules = useModules();
  const snapshot = useRun(run);
  const id = own(snapshot.data?.document.nodes ?? {}, node)?.module;
  const module = modules.data?.modules.find((one) => one.id === id);
  return module?.outputs.find((one) => one.name === port)?.holds ?? "";
}
