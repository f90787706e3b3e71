// Which rows and columns of a large table are in sight, and where the scroll bar stands. Pure.

/** The tallest that a scrolled box may be; browsers lose pixels beyond some 16 million. */
export const MOST_PIXELS = 8_000_000;

/** Height of the scrolled box: true, or capped for millions of rows. */
export function boxHeight(rows: number, rowHeight: number): number {
  return Math.min(rows * rowHeight, MOST_PIXELS);
}

/** Pixels of the whole table per pixel of the scroll bar; 1 unless the height is capped. */
export function pixelsPerScroll(rows: number, rowHeight: number, view: number): number {
  const hidden = boxHeight(rows, rowHeight) - view;
  return hidden <= 0 ? 1 : (rows * rowHeight - view) / hidden;
}

/** Keeps a position within the table. */
export function clampTop(top: number, rows: number, rowHeight: number, view: number): number {
  return Math.min(Math.max(0, top), Math.max(0, rows * rowHeight - view));
}

/** The rows in sight: the first, and the one after the last. */
export function rowsInSight(top: number, rows: number, rowHeight: number, view: number): [number, number] {
  const first = Math.floor(top / rowHeight);
  return [Math.min(first, rows), Math.min(rows, Math.ceil((top + view) / rowHeight))];
}

/** Where each column begins, and at the end the width of all. */
export function edgesOf(widths: number[]): number[] {
  const edges = [0];
  for (const width of widths) edges.push((edges.at(-1) ?? 0) + width);
  return edges;
}

/** The columns in sight: the first, and the one after the last. */
export function columnsInSight(edges: number[], left: number, view: number): [number, number] {
  const count = edges.length - 1;
  const first = Math.min(lastAtMost(edges, left), Math.max(0, count - 1));
  let after = first;
  while (after < count && (edges[after] ?? 0) < left + view) after += 1;
  return [first, after];
}

/** The blocks of so many that cover a range. */
export function blocksOf(first: number, after: number, size: number): number[] {
  const blocks = [];
  for (let block = Math.floor(first / size); block * size < after; block += 1) blocks.push(block);
  return blocks;
}

/** The position that brings a range into sight with the least movement. */
export function broughtIntoSight(top: number, view: number, from: number, to: number): number {
  if (from < top) return from;
  return to > top + view ? Math.max(to - view, 0) : top;
}

function lastAtMost(edges: number[], value: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((edges[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
