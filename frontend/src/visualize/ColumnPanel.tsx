// The chosen column: statistics over all rows, its histogram or box, and how it goes with another one [64–66].
import type { ReactNode } from "react";

import type { Column, ColumnStatistics, TableHead } from "../api/types";
import { bytes, count, statistic } from "../ui/quantities";
import { Asked } from "../ui/Waiting";
import { useStatistics } from "./tableQueries";
import { Visualizations } from "./Visualizations";

/** The same port in another run. */
export interface OtherTable {
  run: number;
  head: TableHead;
}

interface ColumnPanelProps {
  head: TableHead;
  selected: number | null;
  look: "histogram" | "box";
  other: OtherTable | null;
  /** The grid shows fewer rows than what is told here is about. */
  isFiltered: boolean;
}

export function ColumnPanel({ head, selected, look, other, isFiltered }: ColumnPanelProps) {
  const column = selected === null ? undefined : head.columns[selected];
  if (selected === null || column === undefined) {
    return (
      <Section title="Table">
        <p className="soft">Choose a column to see its statistics and charts.</p>
        <TableFacts head={head} />
      </Section>
    );
  }
  return (
    <>
      <h2 className="table-view-panel-title" title={column.name}>
        {column.name === "" ? "(no name)" : column.name}
      </h2>
      <Section title="Statistics">
        <Statistics digest={head.digest} index={selected} column={column} other={other} />
        {isFiltered && <p className="soft">Of all rows, whatever the filters keep.</p>}
      </Section>
      <Section title="Visualizations">
        <Visualizations key={selected} head={head} index={selected} column={column} look={look} />
      </Section>
    </>
  );
}

/** A part of the panel that folds. */
export function Section({ title, children, isOpen = true }: { title: string; children: ReactNode; isOpen?: boolean }) {
  return (
    <details className="table-view-section" open={isOpen}>
      <summary>{title}</summary>
      <div className="table-view-section-body">{children}</div>
    </details>
  );
}

function TableFacts({ head }: { head: TableHead }) {
  const counts = new Map<string, number>();
  for (const column of head.columns) counts.set(column.studio_type, (counts.get(column.studio_type) ?? 0) + 1);
  return (
    <dl className="facts">
      <dt>Size</dt>
      <dd>{bytes(head.size)}</dd>
      {[...counts].map(([type, number]) => (
        <FactPair key={type} name={`${type} columns`} value={count(number)} />
      ))}
      <dt>Digest</dt>
      <dd className="mono">{head.digest.slice(0, 16)}…</dd>
    </dl>
  );
}

function FactPair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

type Line = [string, (of: ColumnStatistics, column: Column) => string];

const LINES: Line[] = [
  ["Mean", (of) => statistic(of.mean)],
  ["Median", (of) => statistic(of.median)],
  ["Min", (of) => statistic(of.min)],
  ["Max", (of) => statistic(of.max)],
  ["Standard deviation", (of) => statistic(of.std)],
  ["Unique values", (of) => statistic(of.unique)],
  ["Missing values", (of) => statistic(of.missing)],
  ["Feature type", (of, column) => (column.role ? `${of.type}, ${column.role}` : of.type)],
];

interface StatisticsProps {
  digest: string;
  index: number;
  column: Column;
  other: OtherTable | null;
}

function Statistics({ digest, index, column, other }: StatisticsProps) {
  const query = useStatistics(digest, index);
  const otherIndex = other?.head.columns.findIndex((one) => one.name === column.name) ?? -1;
  const otherQuery = useStatistics(other?.head.digest ?? "", otherIndex < 0 ? null : otherIndex);
  const otherColumn = other?.head.columns[otherIndex];
  return (
    <Asked query={query} label="Reading all rows">
      {(known) => (
        <table className="statistics" aria-label={`Statistics of ${column.name}`}>
          {other && (
            <thead>
              <tr>
                <th>
                  <span className="visually-hidden">Statistic</span>
                </th>
                <th scope="col">here</th>
                <th scope="col">run {other.run}</th>
              </tr>
            </thead>
          )}
          <tbody>
            {LINES.map(([name, tell]) => {
              const here = tell(known, column);
              const there = otherQuery.data && otherColumn ? tell(otherQuery.data, otherColumn) : "–";
              return (
                <tr key={name} className={other && here !== there ? "is-different" : undefined}>
                  <th scope="row">{name}</th>
                  <td title={column.type}>{here}</td>
                  {other && <td>{there}</td>}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Asked>
  );
}
