// The head of the table: names with types, order and menu; small charts; the row of filters [62–64, 69].
import { ArrowDown, ArrowDownUp, ArrowUp, ChevronDown, ClipboardCopy, Filter as FilterIcon, X } from "lucide-react";

import type { Column, ColumnStatistics, TableHead } from "../../api/types";
import { Menu } from "../../ui/Menu";
import { MiniChart } from "../charts/MiniChart";
import { copyText } from "../charts/exporting";
import type { Op } from "../filtering";
import type { Order } from "../tableQueries";
import { TypeIcon } from "../TypeIcon";
import { RoleChip } from "../RoleChip";
import { FilterCell } from "./FilterCell";

export interface HeadActions {
  onSelect: (column: number) => void;
  onSort: (column: number, direction: "ascending" | "descending" | null) => void;
  onFilter: (column: number, op: Op | null, value: string) => void;
  onAskFilter: (column: number) => void;
}

interface GridHeadProps {
  id: string;
  head: TableHead;
  order: Order;
  columns: number[];
  edges: number[];
  left: number;
  gutter: number;
  chart: "histogram" | "box" | "none";
  hasFilters: boolean;
  selected: number | null;
  active: number | null;
  tabStop: number;
  statistics: Map<number, ColumnStatistics>;
  actions: HeadActions;
}

export function GridHead(props: GridHeadProps) {
  const { id, head, order, columns, edges, left, gutter, chart, hasFilters, selected, active, tabStop, statistics, actions } = props;
  return (
    <div role="rowgroup" className="grid-head">
      <div role="row" aria-rowindex={1} className="grid-head-row">
        <div role="columnheader" aria-label="Row" aria-colindex={1} className="grid-number" style={{ width: gutter }} />
        <div role="presentation" className="grid-head-cells">
          {columns.map((index) => {
            const column = head.columns[index];
            if (column === undefined) return null;
            const width = (edges[index + 1] ?? 0) - (edges[index] ?? 0);
            const looks = ["grid-column", index === selected ? "is-selected" : "", index === active ? "is-active" : ""];
            return (
              <div
                key={index}
                id={`${id}--1-${index}`}
                role="columnheader"
                aria-colindex={index + 2}
                aria-sort={order.sort?.column !== index ? "none" : order.sort.descending ? "descending" : "ascending"}
                aria-label={column.name === "" ? "(no name)" : column.name}
                className={looks.filter(Boolean).join(" ")}
                style={{ left: (edges[index] ?? 0) - left, width }}
              >
                <ColumnName column={column} index={index} order={order} isTabStop={index === tabStop} isSelected={index === selected} actions={actions} />
                {chart !== "none" && (
                  <div className="grid-chart" onClick={() => actions.onSelect(index)}>
                    <MiniChart statistics={statistics.get(index)} look={chart} width={width - 16} height={38} />
                  </div>
                )}
                {hasFilters && (
                  <FilterCell
                    key={order.filters.find((one) => one.column === index)?.op ?? "none"}
                    column={column}
                    filter={order.filters.find((one) => one.column === index)}
                    onFilter={(op, value) => actions.onFilter(index, op, value)}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface ColumnNameProps {
  column: Column;
  index: number;
  order: Order;
  isTabStop: boolean;
  isSelected: boolean;
  actions: HeadActions;
}

function ColumnName({ column, index, order, isTabStop, isSelected, actions }: ColumnNameProps) {
  const direction = order.sort?.column !== index ? null : order.sort.descending ? "descending" : "ascending";
  const next = direction === null ? "ascending" : direction === "ascending" ? "descending" : null;
  const stop = isTabStop ? 0 : -1;
  const shown = column.name === "" ? "(no name)" : column.name;
  return (
    <div className="grid-name">
      <TypeIcon column={column} />
      <button type="button" tabIndex={stop} className="grid-name-text" aria-pressed={isSelected} title={shown} onClick={() => actions.onSelect(index)}>
        {shown}
      </button>
      {column.role && <RoleChip role={column.role} />}
      <button
        type="button"
        tabIndex={stop}
        className={`grid-sort ${direction ? "is-on" : ""}`}
        aria-label={direction ? `Sorted ${direction} by ${shown}` : `Sort by ${shown}`}
        onClick={() => actions.onSort(index, next)}
      >
        {direction === null ? <ArrowDownUp size={12} aria-hidden /> : direction === "ascending" ? <ArrowUp size={13} aria-hidden /> : <ArrowDown size={13} aria-hidden />}
      </button>
      <Menu
        align="end"
        items={[
          { label: "Sort ascending", icon: <ArrowUp size={15} />, onSelect: () => actions.onSort(index, "ascending") },
          { label: "Sort descending", icon: <ArrowDown size={15} />, onSelect: () => actions.onSort(index, "descending") },
          direction !== null && { label: "Original order", icon: <X size={15} />, onSelect: () => actions.onSort(index, null) },
          "-",
          { label: "Filter …", icon: <FilterIcon size={15} />, onSelect: () => actions.onAskFilter(index) },
          { label: "Only missing values", onSelect: () => actions.onFilter(index, "missing", "") },
          { label: "No missing values", onSelect: () => actions.onFilter(index, "present", "") },
          "-",
          { label: "Copy name", icon: <ClipboardCopy size={15} />, onSelect: () => void copyText(column.name, "The name is copied.") },
        ]}
      >
        <button type="button" tabIndex={stop} className="grid-menu" aria-label={`Menu of column ${shown}`}>
          <ChevronDown size={14} aria-hidden />
        </button>
      </Menu>
    </div>
  );
}
