// One table of an object's card: sorted by any column, searched, with bars beside weights.
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useState } from "react";

import { Button } from "../../ui/Button";
import { count, plural, statistic } from "../../ui/quantities";
import { type BarScale, barOf, barScale, type CardCell, type CardOrder, type CardTable, foundRows, isNumberColumn, nextOrder, sortedRows } from "./sorting";

const ROWS_AT_ONCE = 200;
const SEARCHED_FROM = 15;

export function CardTableView({ table }: { table: CardTable }) {
  const [order, setOrder] = useState<CardOrder | null>(null);
  const [typed, setTyped] = useState("");
  const [room, setRoom] = useState(ROWS_AT_ONCE);
  const scale = useMemo(() => barScale(table), [table]);
  const numeric = useMemo(() => table.columns.map((_, at) => isNumberColumn(table, at)), [table]);
  const rows = useMemo(() => sortedRows(foundRows(table.rows, typed), order), [table, typed, order]);
  return (
    <section className="object-part">
      <div className="object-table-head">
        <h3>{table.title}</h3>
        <span className="soft" role="status">
          {typed.trim() === "" ? plural(table.total_rows, "row") : `${count(rows.length)} of ${plural(table.rows.length, "row")}`}
        </span>
        {table.rows.length >= SEARCHED_FROM && (
          <input
            className="input"
            type="search"
            aria-label={`Search ${table.title}`}
            placeholder="Search"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </div>
      <div className="object-table-box" tabIndex={0} role="region" aria-label={`Rows of ${table.title}`}>
        <table className="object-table" aria-label={table.title}>
          <thead>
            <tr>
              {table.columns.map((name, at) => (
                <HeadCell
                  key={at}
                  name={name}
                  isNumber={numeric[at] ?? false}
                  direction={order?.column !== at ? null : order.isDescending ? "descending" : "ascending"}
                  onPress={() => setOrder(nextOrder(table, order, at))}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, room).map((row, index) => (
              <tr key={index}>
                {table.columns.map((_, at) => (
                  <BodyCell key={at} cell={row[at] ?? null} isNumber={numeric[at] ?? false} scale={numeric[at] ? scale : null} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="soft object-table-none">{typed === "" ? "This table has no rows." : `Nothing matches “${typed}”.`}</p>}
      </div>
      {rows.length > room && (
        <Button onClick={() => setRoom(room + 5 * ROWS_AT_ONCE)}>
          Show more of {count(rows.length)} rows; {count(room)} are shown
        </Button>
      )}
      {table.total_rows > table.rows.length && (
        <p className="chart-note">
          The first {count(table.rows.length)} of {plural(table.total_rows, "row")} are kept with the object.
        </p>
      )}
    </section>
  );
}

interface HeadCellProps {
  name: string;
  isNumber: boolean;
  direction: "ascending" | "descending" | null;
  onPress: () => void;
}

function HeadCell({ name, isNumber, direction, onPress }: HeadCellProps) {
  return (
    <th scope="col" aria-sort={direction ?? "none"} className={isNumber ? "is-number" : undefined}>
      <button type="button" onClick={onPress} title={`Sort by ${name}`}>
        {name}
        {direction === "ascending" && <ArrowUp size={13} aria-hidden />}
        {direction === "descending" && <ArrowDown size={13} aria-hidden />}
      </button>
    </th>
  );
}

function BodyCell({ cell, isNumber, scale }: { cell: CardCell; isNumber: boolean; scale: BarScale | null }) {
  if (cell === null) return <td className={isNumber ? "is-number soft" : "soft"}>–</td>;
  if (typeof cell !== "number") return <td>{String(cell)}</td>;
  if (scale === null) return <td className="is-number">{statistic(cell)}</td>;
  return (
    <td className="is-number" title={String(cell)}>
      <span className="object-bar-cell">
        <Bar value={cell} scale={scale} />
        <span className="object-bar-number">{statistic(Number(cell.toPrecision(4)))}</span>
      </span>
    </td>
  );
}

const WIDTH = 180;

function Bar({ value, scale }: { value: number; scale: BarScale }) {
  const { begin, length } = barOf(value, scale);
  const zero = scale.isDiverging ? WIDTH / 2 : 0.5;
  return (
    <svg className="object-bar" viewBox={`0 0 ${WIDTH} 16`} preserveAspectRatio="none" aria-hidden>
      <rect className={value < 0 ? "object-bar-below" : "object-bar-above"} x={begin * WIDTH} width={Math.max(length * WIDTH, value === 0 ? 0 : 0.75)} y={2} height={12} />
      <line className="object-bar-zero" x1={zero} x2={zero} y1={0} y2={16} />
    </svg>
  );
}
