// A table of any size: only the rows and columns in sight are drawn and fetched; arrow keys move a cell mark [63, 69].
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Column, TableHead } from "../../api/types";
import { count } from "../../ui/quantities";
import { COLUMNS_OF_BLOCK, type Order, ROWS_OF_BLOCK, useCells, useStatisticsInSight } from "../tableQueries";
import { copyText } from "../charts/exporting";
import { GridHead, type HeadActions } from "./GridHead";
import { GridRow } from "./GridRow";
import { cellText } from "./cellText";
import { boxHeight, broughtIntoSight, blocksOf, clampTop, columnsInSight, edgesOf, pixelsPerScroll, rowsInSight } from "./viewport";
import "./grid.css";

const ROW = 26;
const NAMES = 32;
const CHARTS = 46;
const FILTERS = 34;

export interface CellPlace {
  row: number;
  column: number;
  /** The row's position in the whole table, unsorted and unfiltered. */
  tableRow: number;
}

interface GridProps {
  head: TableHead;
  order: Order;
  matching: number;
  chart: "histogram" | "box" | "none";
  hasFilters: boolean;
  selected: number | null;
  /** A column to bring into sight; another object asks again. */
  shown: { column: number } | null;
  actions: HeadActions;
  onOpen: (place: CellPlace) => void;
  label: string;
  empty: ReactNode;
}

export function Grid({ head, order, matching, chart, hasFilters, selected, shown, actions, onOpen, label, empty }: GridProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ width: 0, height: 0 });
  const [at, setAt] = useState({ top: 0, left: 0 });
  const [active, setActive] = useState({ row: 0, column: 0 });
  const gutter = Math.max(48, count(head.rows).length * 7.5 + 22);
  const headHeight = NAMES + (chart === "none" ? 0 : CHARTS) + (hasFilters ? FILTERS : 0);
  const edges = useMemo(() => edgesOf(head.columns.map(widthOf)), [head.columns]);
  const inner = { width: Math.max(0, view.width - gutter), height: Math.max(0, view.height - headHeight) };
  const ratio = pixelsPerScroll(matching, ROW, inner.height);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = (): void => setView({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const move = useCallback(
    (top: number, left: number) => {
      const element = box.current;
      if (element === null) return;
      const kept = clampTop(top, matching, ROW, inner.height);
      setAt({ top: kept, left });
      if (Math.abs(element.scrollTop - kept / ratio) >= 1) element.scrollTop = kept / ratio;
      if (Math.abs(element.scrollLeft - left) >= 1) element.scrollLeft = left;
    },
    [matching, inner.height, ratio],
  );

  const [rowsFrom, rowsTo] = rowsInSight(clampTop(at.top, matching, ROW, inner.height), matching, ROW, inner.height);
  const [from, to] = columnsInSight(edges, at.left, inner.width);
  const columns = useMemo(() => Array.from({ length: to - from }, (_, place) => from + place), [from, to]);
  const isMeasured = view.height > 0;
  const cells = useCells(
    head.digest,
    order,
    isMeasured ? blocksOf(Math.max(0, rowsFrom - 20), Math.min(matching, rowsTo + 20), ROWS_OF_BLOCK) : [],
    isMeasured ? blocksOf(Math.max(0, from - 3), Math.min(head.columns.length, to + 3), COLUMNS_OF_BLOCK) : [],
  );
  const statistics = useStatisticsInSight(head.digest, isMeasured && chart !== "none" ? columns : []);

  const showCell = useCallback(
    (row: number, column: number) => {
      const top = row < 0 ? at.top : broughtIntoSight(at.top, inner.height, row * ROW, (row + 1) * ROW);
      move(top, broughtIntoSight(at.left, inner.width, edges[column] ?? 0, edges[column + 1] ?? 0));
    },
    [at, edges, inner.height, inner.width, move],
  );
  const show = useRef(showCell);
  show.current = showCell;
  useEffect(() => {
    if (shown === null) return;
    show.current(-1, shown.column);
    setActive((before) => ({ ...before, column: shown.column }));
  }, [shown]);
  const orderText = JSON.stringify(order);
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
    setAt((before) => ({ ...before, top: 0 }));
    setActive((before) => ({ ...before, row: Math.min(before.row, 0) }));
  }, [orderText]);

  // Where one pixel of the scroll bar is many rows, the wheel still moves by a few.
  useEffect(() => {
    const element = box.current;
    if (element === null || ratio <= 1) return undefined;
    const onWheel = (event: WheelEvent): void => {
      if (event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      move(at.top + event.deltaY * (event.deltaMode === 1 ? ROW : 1), at.left);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [ratio, at, move]);

  const onScroll = (): void => {
    const element = box.current;
    if (element === null) return;
    const isOurs = Math.abs(element.scrollTop - at.top / ratio) < 1; // ours: keep the exact row
    const top = isOurs ? at.top : element.scrollTop * ratio;
    if (top !== at.top || element.scrollLeft !== at.left) setAt({ top, left: element.scrollLeft });
  };

  const valueAt = (row: number, column: number) => {
    const page = cells.page(row, column);
    return page?.rows[row - page.offset]?.[column - page.first_column];
  };
  const open = (row: number, column: number): void => {
    const page = cells.page(row, column);
    const tableRow = page?.row_numbers[row - page.offset];
    if (tableRow !== undefined) onOpen({ row, column, tableRow });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== box.current) return;
    const next = nextPlace(event, active, matching, head.columns.length, Math.max(1, Math.floor(inner.height / ROW) - 1));
    if (next) {
      setActive(next);
      showCell(next.row, next.column);
    } else if (event.key === " ") actions.onSelect(active.column);
    else if (event.key === "Enter" && active.row < 0) actions.onSelect(active.column);
    else if (event.key === "Enter") open(active.row, active.column);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c" && active.row >= 0) {
      if (window.getSelection()?.toString()) return;
      void copyText(cellText(valueAt(active.row, active.column)), "The cell is copied.");
    } else return;
    event.preventDefault();
  };

  const total = edges.at(-1) ?? 0;
  const offset = rowsFrom * ROW - clampTop(at.top, matching, ROW, inner.height);
  return (
    <div
      ref={box}
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={matching + 1}
      aria-colcount={head.columns.length + 1}
      aria-activedescendant={`${id}-${active.row}-${active.column}`}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ width: gutter + total, height: headHeight + boxHeight(matching, ROW) }}>
        <div role="presentation" className="grid-window" style={{ width: view.width, height: view.height }}>
          <GridHead
            id={id}
            head={head}
            order={order}
            columns={columns}
            edges={edges}
            left={at.left}
            gutter={gutter}
            chart={chart}
            hasFilters={hasFilters}
            selected={selected}
            active={active.row < 0 ? active.column : null}
            tabStop={active.column}
            statistics={statistics}
            actions={actions}
          />
          <div role="rowgroup" className="grid-body">
            {Array.from({ length: rowsTo - rowsFrom }, (_, place) => {
              const row = rowsFrom + place;
              return (
                <div role="presentation" className="grid-place" key={row} style={{ transform: `translateY(${offset + place * ROW}px)` }}>
                  <GridRow
                    id={id}
                    row={row}
                    gutter={gutter}
                    left={at.left}
                    edges={edges}
                    from={from}
                    to={to}
                    types={head.columns}
                    pages={pagesOf(cells.page, row, from, to)}
                    selected={selected}
                    active={active.row === row ? active.column : null}
                    onPoint={(column) => {
                      setActive({ row, column });
                      actions.onSelect(column);
                    }}
                    onOpen={(column) => open(row, column)}
                  />
                </div>
              );
            })}
            {matching === 0 && <div className="grid-empty">{empty}</div>}
          </div>
        </div>
      </div>
    </div>
  );
}

function pagesOf(page: ReturnType<typeof useCells>["page"], row: number, from: number, to: number) {
  return blocksOf(from, to, COLUMNS_OF_BLOCK).map((block) => page(row, block * COLUMNS_OF_BLOCK));
}

function nextPlace(event: KeyboardEvent, { row, column }: { row: number; column: number }, rows: number, columns: number, page: number) {
  const [lastRow, lastColumn] = [rows - 1, columns - 1];
  const isFar = event.ctrlKey || event.metaKey;
  const moves: Record<string, [number, number]> = {
    ArrowUp: [isFar ? Math.min(0, lastRow) : row - 1, column],
    ArrowDown: [isFar ? lastRow : row + 1, column],
    ArrowLeft: [row, isFar ? 0 : column - 1],
    ArrowRight: [row, isFar ? lastColumn : column + 1],
    Home: [isFar ? Math.min(0, lastRow) : row, 0],
    End: [isFar ? lastRow : row, lastColumn],
    PageUp: [Math.max(row - page, Math.min(row, 0)), column],
    PageDown: [row + page, column],
  };
  const next = moves[event.key];
  if (next === undefined) return null;
  return { row: Math.max(-1, Math.min(next[0], lastRow)), column: Math.max(0, Math.min(next[1], lastColumn)) };
}

const WIDTHS: Record<string, number> = { Integer: 104, Double: 124, Boolean: 92, DateTime: 186, TimeSpan: 130, Categorical: 140 };

function widthOf(column: Column): number {
  return Math.max(WIDTHS[column.studio_type] ?? 190, Math.min(240, column.name.length * 7.4 + 86) + (column.role ? 46 : 0));
}
