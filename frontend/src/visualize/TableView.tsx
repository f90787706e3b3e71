// A table with its columns' statistics: counts, order, filters over all rows, the grid, and the chosen column [61–66, 69].
import { Filter as FilterIcon, X } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";

import { problemOf } from "../api/client";
import type { Sort } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { count } from "../ui/quantities";
import { Asked } from "../ui/Waiting";
import { CellDialog } from "./CellDialog";
import { ColumnFinder } from "./ColumnFinder";
import { ColumnPanel, type OtherTable } from "./ColumnPanel";
import { filterText, type Op, withFilter } from "./filtering";
import { type CellPlace, Grid } from "./grid/Grid";
import { type Order, useFirstPage, useHead } from "./tableQueries";
import "./table-view.css";

interface TableViewProps {
  digest: string;
  name: string;
  /** Further parts of the panel on the right. */
  sections?: ReactNode;
  /** The table of another run, whose statistics stand beside. */
  other?: OtherTable | null;
}

export function TableView({ digest, name, sections, other = null }: TableViewProps) {
  const head = useHead(digest);
  return (
    <Asked query={head} label="Opening the table">
      {(known) => <Shown key={digest} head={known} name={name} sections={sections} other={other} />}
    </Asked>
  );
}

const LOOKS = [
  { id: "histogram", label: "histograms" },
  { id: "box", label: "box plots" },
  { id: "none", label: "no charts" },
] as const;

type Look = (typeof LOOKS)[number]["id"];

interface ShownProps {
  head: NonNullable<ReturnType<typeof useHead>["data"]>;
  name: string;
  sections: ReactNode;
  other: OtherTable | null;
}

function Shown({ head, name, sections, other }: ShownProps) {
  const [order, setOrder] = useState<Order>({ sort: null, filters: [] });
  const [look, setLook] = useState<Look>("histogram");
  const [hasFilters, setHasFilters] = useState(false);
  const [selected, setSelected] = useState<number | null>(null);
  const [shown, setShown] = useState<{ column: number } | null>(null);
  const [cell, setCell] = useState<CellPlace | null>(null);
  const first = useFirstPage(head.digest, order);
  const isFiltered = order.filters.length > 0;
  const matching = first.data === undefined ? (isFiltered ? 0 : head.rows) : first.data.matching;

  const filter = useCallback((column: number, op: Op | null, value: string) => {
    setOrder((before) => ({ ...before, filters: withFilter(before.filters, column, op, value) }));
  }, []);
  const jump = useCallback((column: number) => {
    setSelected(column);
    setShown({ column });
  }, []);
  const actions = useMemo(
    () => ({
      onSelect: (column: number) => setSelected(column),
      onSort: (column: number, direction: "ascending" | "descending" | null) => {
        const sort: Sort | null = direction && { column, descending: direction === "descending" };
        setOrder((before) => ({ ...before, sort }));
      },
      onFilter: filter,
      onAskFilter: (column: number) => {
        setHasFilters(true);
        jump(column);
      },
    }),
    [filter, jump],
  );

  return (
    <div className="table-view">
      <div className="table-view-bar">
        <Count label="rows" value={head.rows} />
        <Count label="columns" value={head.columns.length} />
        <label className="table-view-look">
          view as
          <select className="input" value={look} onChange={(event) => setLook(event.target.value as Look)}>
            {LOOKS.map((one) => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </select>
        </label>
        <Button icon={<FilterIcon size={14} aria-hidden />} aria-pressed={hasFilters} onClick={() => setHasFilters(!hasFilters)}>
          Filters
        </Button>
        <ColumnFinder columns={head.columns} label="Find a column" onChoose={jump} />
        <p className="table-view-state" role="status">
          {first.isFetching && first.isPlaceholderData ? (
            "Reading all rows …"
          ) : isFiltered ? (
            <>
              <b>{count(matching)}</b> of {count(head.rows)} rows
            </>
          ) : order.sort ? (
            `Sorted by ${head.columns[order.sort.column]?.name ?? ""}, ${order.sort.descending ? "descending" : "ascending"}`
          ) : (
            ""
          )}
        </p>
      </div>
      {isFiltered && (
        <ul className="table-view-filters" aria-label="Filters">
          {order.filters.map((one) => {
            const text = filterText(one, head.columns[one.column]?.name ?? "");
            return (
              <li key={one.column} className="table-view-filter">
                <span>{text}</span>
                <IconButton label={`Remove filter ${text}`} onClick={() => filter(one.column, null, "")}>
                  <X size={13} aria-hidden />
                </IconButton>
              </li>
            );
          })}
          <li>
            <Button look="quiet" onClick={() => setOrder((before) => ({ ...before, filters: [] }))}>
              Remove all
            </Button>
          </li>
        </ul>
      )}
      {first.error && <ProblemBox problem={problemOf(first.error)} />}
      <div className="table-view-body">
        <Grid
          head={head}
          order={order}
          matching={first.error ? 0 : matching}
          chart={look}
          hasFilters={hasFilters}
          selected={selected}
          shown={shown}
          actions={actions}
          onOpen={setCell}
          label={`Table ${name}`}
          empty={first.isFetching ? "Reading all rows …" : isFiltered ? "No row is kept by these filters." : "This table has no rows."}
        />
        <aside className="table-view-panel" aria-label="Column">
          <ColumnPanel head={head} selected={selected} look={look === "box" ? "box" : "histogram"} other={other} isFiltered={isFiltered} />
          {sections}
        </aside>
      </div>
      {cell && <CellDialog digest={head.digest} place={cell} column={head.columns[cell.column]} onClose={() => setCell(null)} />}
    </div>
  );
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div className="table-view-count">
      <span className="table-view-count-label">{label}</span>
      <span className="table-view-count-value">{count(value)}</span>
    </div>
  );
}
