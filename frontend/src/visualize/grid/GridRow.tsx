// One row in sight: its number, and its cells as text.
import { memo } from "react";

import type { Column, TablePage } from "../../api/types";
import { count } from "../../ui/quantities";
import { type CellValue, cellText, drawnText } from "./cellText";

interface GridRowProps {
  id: string;
  row: number;
  gutter: number;
  left: number;
  edges: number[];
  from: number;
  to: number;
  types: Column[];
  pages: (TablePage | undefined)[];
  selected: number | null;
  active: number | null;
  onPoint: (column: number) => void;
  onOpen: (column: number) => void;
}

/** The whole value, where less of it may be drawn. */
function titleOf(value: CellValue): string | undefined {
  return drawnText(value) === cellText(value) && cellText(value).length < 12 ? undefined : cellText(value);
}

const ON_THE_RIGHT = ["Integer", "Double", "TimeSpan"];

function isSame(before: GridRowProps, after: GridRowProps): boolean {
  return (Object.keys(after) as (keyof GridRowProps)[]).every((name) => {
    if (name === "onPoint" || name === "onOpen") return after.pages.every((page, at) => page === before.pages[at]);
    if (name === "pages") return after.pages.length === before.pages.length;
    return Object.is(before[name], after[name]);
  });
}

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { id, row, gutter, left, edges, from, to, types, pages, selected, active, onPoint, onOpen } = props;
  const known = pages.find((page) => page !== undefined);
  const number = known?.row_numbers[row - known.offset];
  const columns = Array.from({ length: to - from }, (_, place) => from + place);
  return (
    <div role="row" className="grid-row" aria-rowindex={row + 2}>
      <div role="rowheader" className="grid-number" style={{ width: gutter }}>
        {number === undefined ? "" : count(number + 1)}
      </div>
      <div role="presentation" className="grid-cells" style={{ left: gutter }}>
        {columns.map((column) => {
          const page = pages.find((one) => one !== undefined && column >= one.first_column && column < one.first_column + (one.rows[0]?.length ?? 0));
          const place = page ? row - page.offset : 0;
          const value = page?.rows[place]?.[column - page.first_column];
          const isCut = page?.cut.some(([r, c]) => r === place && c === column - page.first_column) ?? false;
          const looks = ["grid-cell"];
          if (ON_THE_RIGHT.includes(types[column]?.studio_type ?? "")) looks.push("is-right");
          if (column === selected) looks.push("is-selected");
          if (column === active) looks.push("is-active");
          return (
            <div
              key={column}
              id={`${id}-${row}-${column}`}
              role="gridcell"
              aria-colindex={column + 2}
              aria-selected={column === active}
              className={looks.join(" ")}
              style={{ left: (edges[column] ?? 0) - left, width: (edges[column + 1] ?? 0) - (edges[column] ?? 0) }}
              onMouseDown={() => onPoint(column)}
              onDoubleClick={() => onOpen(column)}
            >
              {value === undefined ? (
                <span className="grid-waiting" />
              ) : value === null ? (
                <span className="grid-missing">missing</span>
              ) : (
                <span className="grid-text" title={titleOf(value)}>
                  {isCut ? `${cellText(value)}…` : drawnText(value)}
                </span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}, isSame);
