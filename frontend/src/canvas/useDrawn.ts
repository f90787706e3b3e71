// The boxes and lines of a document, made again only where it changed.
import type { Edge } from "@xyflow/react";
import { useMemo, useRef } from "react";

import { useModules } from "../api/queries";
import type { ExperimentDocument, NodeStatus } from "../api/types";
import type { ModuleTable } from "../document/graph";
import { byName } from "../document/records";
import { positionsOf } from "./arranging";
import { type Box, type Drawn, lines, type Mark, nodeBox, type NodeData, nodeData, serviceBoxes } from "./boxes";
import { servedNodes } from "./service";

interface Wish {
  document: ExperimentDocument | null;
  statuses: Record<string, NodeStatus>;
  marks?: Record<string, Mark>;
  selection: string[];
  selectedServices: string[];
  selectedEdges: string[];
  isReadOnly: boolean;
  showsService: boolean;
}

const NO_MODULES: ModuleTable = byName();

export function useDrawn(wish: Wish) {
  const { document, statuses, marks, selection, selectedServices, selectedEdges, isReadOnly, showsService } = wish;
  const answer = useModules().data;
  const modules = useMemo<ModuleTable>(
    () => (answer ? byName(answer.modules.map((one) => [one.id, one] as const)) : NO_MODULES),
    [answer],
  );
  const data = useRef(new Map<string, NodeData>());
  const boxes = useRef(new Map<string, Box>());
  const edges = useRef(new Map<string, Edge>());

  const drawn = useMemo<Drawn | null>(() => {
    if (document === null || answer === undefined) return null;
    const served = showsService ? servedNodes(document) : null;
    return { document, modules, statuses, marks, isReadOnly, served, positions: positionsOf(document) };
  }, [document, answer, modules, statuses, marks, isReadOnly, showsService]);

  const made = useMemo<Box[]>(() => {
    if (drawn === null) return [];
    data.current = nodeData(drawn, data.current);
    const nodes = [...data.current.values()].map((one): Box =>
      nodeBox(one, drawn.positions[one.name] ?? { x: 0, y: 0 }, selection.includes(one.name), boxes.current.get(`node:${one.name}`)),
    );
    const all = [...nodes, ...serviceBoxes(drawn, selectedServices, boxes.current)];
    boxes.current = new Map(all.map((one) => [one.id, one]));
    return all;
  }, [drawn, selection, selectedServices]);

  const links = useMemo<Edge[]>(() => {
    if (drawn === null) return [];
    const all = lines(drawn, selectedEdges, edges.current);
    edges.current = new Map(all.map((one) => [one.id, one]));
    return all;
  }, [drawn, selectedEdges]);

  return { drawn, boxes: made, edges: links, data, isReady: drawn !== null };
}
