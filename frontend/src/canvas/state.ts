// What only the canvas knows: what is being renamed or connected, which edges are selected, how it is shown.
import { create } from "zustand";

import type { Position } from "../api/types";
import type { ShownPort } from "../document/state";

export interface LinkStart {
  box: string;
  port: string;
  side: "input" | "output";
}

interface CanvasState {
  renaming: string | null;
  commenting: string | null;
  folded: Record<string, true>;
  isFinding: boolean;
  hasMinimap: boolean;
  tool: "pan" | "select";
  showsService: boolean;
  selectedEdges: string[];
  selectedServices: string[];
  /** The port from which a connection is being drawn, and which ports it may go to. */
  link: LinkStart | null;
  linkable: Record<string, true>;
  dropEdge: string | null;
  /** The port whose content is to become a dataset. */
  savedPort: ShownPort | null;
}

const MINIMAP = "studiolo-minimap";

export const useCanvas = create<CanvasState>(() => ({
  renaming: null,
  commenting: null,
  folded: {},
  isFinding: false,
  hasMinimap: localStorage.getItem(MINIMAP) === "yes",
  tool: "pan",
  showsService: false,
  selectedEdges: [],
  selectedServices: [],
  link: null,
  linkable: {},
  dropEdge: null,
  savedPort: null,
}));

export const setCanvas = useCanvas.setState;

export function resetCanvas(): void {
  setCanvas({ renaming: null, commenting: null, isFinding: false, selectedEdges: [], selectedServices: [], link: null, linkable: {} });
}

export function toggleMinimap(): void {
  setCanvas((state) => {
    localStorage.setItem(MINIMAP, state.hasMinimap ? "no" : "yes");
    return { hasMinimap: !state.hasMinimap };
  });
}

export function toggleFolded(name: string): void {
  setCanvas(({ folded }) => {
    const { [name]: was, ...rest } = folded;
    return { folded: was ? rest : { ...folded, [name]: true } };
  });
}

/** What others ask of the canvas that is shown: where it looks, and where new things go. */
export interface CanvasView {
  show: (names: string[]) => void;
  /** Moves the view only when the node is not in it. */
  reveal: (name: string) => void;
  fit: () => void;
  zoomTo: (zoom: number) => void;
  zoomBy: (factor: number) => void;
  center: () => Position;
  toCanvas: (point: Position) => Position;
  pointer: () => Position | null;
}

let view: CanvasView | null = null;

export function setView(shown: CanvasView | null): void {
  view = shown;
}

export function canvasView(): CanvasView | null {
  return view;
}
