// Where boxes stand: the layout's positions, dagre's for those that have none, and lining them up.
import { graphlib, layout } from "@dagrejs/dagre";

import type { ExperimentDocument, Position } from "../api/types";
import { connections, upstream } from "../document/graph";
import { byName } from "../document/records";
import { settled } from "../document/settled";
import { NODE_HEIGHT, NODE_WIDTH } from "./boxes";

const COMMENT_HEIGHT = 22;

function heightOf(document: ExperimentDocument, name: string): number {
  return NODE_HEIGHT + (document.nodes[name]?.comment ? COMMENT_HEIGHT : 0);
}

/** Nodes that are connected with each other, in the order of the document. */
function islands(document: ExperimentDocument, names: readonly string[]): string[][] {
  const near = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const { from, to } of connections(document)) {
    if (!near.has(from.node) || !near.has(to.node)) continue;
    near.get(from.node)?.push(to.node);
    near.get(to.node)?.push(from.node);
  }
  const seen = new Set<string>();
  const found: string[][] = [];
  for (const name of names) {
    if (seen.has(name)) continue;
    const island: string[] = [];
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      island.push(next);
      waiting.push(...(near.get(next) ?? []));
    }
    found.push(island);
  }
  return found;
}

const ROW_WIDTH = 900;
const GAP = 60;

/** Positions for these nodes, data flowing down; groups without a connection between them stand in rows. */
export function arranged(document: ExperimentDocument, names: readonly string[]): Record<string, Position> {
  const result = byName<Position>();
  const groups = islands(document, names).sort((a, b) => Number(b.length > 1) - Number(a.length > 1));
  let at = { x: 0, y: 0 };
  let below = 0;
  for (const group of groups) {
    const { places, width, height } = arrangedIsland(document, group);
    if (at.x > 0 && at.x + width > ROW_WIDTH) at = { x: 0, y: below + GAP };
    for (const [name, { x, y }] of Object.entries(places)) result[name] = { x: at.x + x, y: at.y + y };
    below = Math.max(below, at.y + height);
    at = { x: at.x + width + GAP, y: at.y };
  }
  return result;
}

/** A node's name for dagre, whose tables inherit: "__proto__" would break them. */
function id(name: string): string {
  return `node ${name}`;
}

function arrangedIsland(document: ExperimentDocument, names: readonly string[]) {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 44, ranksep: 62, edgesep: 60, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  const wanted = new Set(names);
  for (const name of names) graph.setNode(id(name), { width: NODE_WIDTH, height: heightOf(document, name) });
  for (const { from, to } of connections(document)) {
    if (wanted.has(from.node) && wanted.has(to.node)) graph.setEdge(id(from.node), id(to.node));
  }
  layout(graph);
  const places = byName<Position>();
  for (const name of names) {
    const { x, y } = graph.node(id(name)) as Position;
    places[name] = { x: Math.round(x - NODE_WIDTH / 2), y: Math.round(y - heightOf(document, name) / 2) };
  }
  const all = Object.values(places);
  const left = Math.min(...all.map((one) => one.x));
  const top = Math.min(...all.map((one) => one.y));
  for (const one of all) Object.assign(one, { x: one.x - left, y: one.y - top });
  return {
    places,
    width: Math.max(...all.map((one) => one.x)) + NODE_WIDTH,
    height: Math.max(...all.map((one) => one.y)) + NODE_HEIGHT,
  };
}

/** Every node's position; those that the layout lacks are found once and stay. */
export function positionsOf(document: ExperimentDocument): Record<string, Position> {
  const names = Object.keys(document.nodes);
  const known = byName(Object.entries(document.layout.nodes));
  const missing = names.filter((name) => !Object.hasOwn(known, name));
  if (missing.length === 0) return known;
  const unsettled = missing.filter((name) => !settled.has(name));
  if (unsettled.length === names.length) {
    for (const [name, at] of Object.entries(arranged(document, names))) settled.set(name, at);
  } else if (unsettled.length > 0) settleAmong(document, unsettled, known);
  for (const name of missing) known[name] = settled.get(name) ?? { x: 0, y: 0 };
  return known;
}

/** Puts new nodes below what they get data from, else below everything. */
function settleAmong(document: ExperimentDocument, names: string[], known: Record<string, Position>): void {
  const taken = byName([...settled, ...Object.entries(known)]);
  for (const name of Object.keys(taken)) if (!Object.hasOwn(document.nodes, name)) delete taken[name];
  const waiting = new Set(names);
  while (waiting.size > 0) {
    const name = [...waiting].find((one) => [...upstream(document, one)].every((up) => up === one || !waiting.has(up)));
    const next = name ?? [...waiting][0] ?? "";
    waiting.delete(next);
    const above = [...upstream(document, next)].filter((up) => up !== next).map((up) => taken[up]);
    const found = above.filter((at) => at !== undefined);
    const lowest = found.sort((a, b) => b.y - a.y)[0];
    const bottom = Math.max(-110, ...Object.values(taken).map((at) => at.y));
    const left = Math.min(...Object.values(taken).map((at) => at.x));
    const wish = lowest ? { x: lowest.x, y: lowest.y + 110 } : { x: Number.isFinite(left) ? left : 0, y: bottom + 110 };
    const at = freePlace(wish, Object.values(taken));
    taken[next] = at;
    settled.set(next, at);
  }
}

/** The nearest place to the right of `wish` where no box stands. */
export function freePlace(wish: Position, taken: readonly Position[]): Position {
  let at = { x: Math.round(wish.x), y: Math.round(wish.y) };
  const hits = (one: Position): boolean =>
    Math.abs(one.x - at.x) < NODE_WIDTH + 16 && Math.abs(one.y - at.y) < NODE_HEIGHT + 24;
  while (taken.some(hits)) at = { x: at.x + NODE_WIDTH + 40, y: at.y };
  return at;
}

export type Alignment = "left" | "center" | "top" | "spread-across" | "spread-down";

/** Lines boxes up. */
export function aligned(positions: Record<string, Position>, how: Alignment): Record<string, Position> {
  const entries = Object.entries(positions);
  if (how === "left" || how === "center") {
    const xs = entries.map(([, at]) => at.x);
    const x = how === "left" ? Math.min(...xs) : xs.reduce((sum, one) => sum + one, 0) / xs.length;
    return Object.fromEntries(entries.map(([name, at]) => [name, { x, y: at.y }]));
  }
  if (how === "top") {
    const y = Math.min(...entries.map(([, at]) => at.y));
    return Object.fromEntries(entries.map(([name, at]) => [name, { x: at.x, y }]));
  }
  const axis = how === "spread-across" ? "x" : "y";
  const sorted = entries.sort(([, a], [, b]) => a[axis] - b[axis]);
  const first = sorted[0]?.[1][axis] ?? 0;
  const last = sorted.at(-1)?.[1][axis] ?? 0;
  const gap = (last - first) / Math.max(1, sorted.length - 1);
  return Object.fromEntries(sorted.map(([name, at], index) => [name, { ...at, [axis]: first + gap * index }]));
}
