// How others move the canvas's view: to a node, to all, to a zoom.
import type { ReactFlowInstance } from "@xyflow/react";
import { type RefObject, useEffect } from "react";

import type { Position } from "../api/types";
import type { Box } from "./boxes";
import { setView } from "./state";

export const FIT = { maxZoom: 1, minZoom: 0.15, padding: 0.14 };

/** Tells others how to move the view, while the canvas is shown. */
export function useCanvasView(
  flow: ReactFlowInstance<Box>,
  root: RefObject<HTMLDivElement | null>,
  pointer: RefObject<Position | null>,
): void {
  useEffect(() => {
    const duration = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 220;
    setView({
      show: (names) => void flow.fitView({ nodes: names.map((name) => ({ id: `node:${name}` })), maxZoom: 1, minZoom: 0.5, padding: 0.4, duration }),
      reveal: (name) => {
        const found = root.current?.querySelector(`[data-id="${CSS.escape(`node:${name}`)}"]`)?.getBoundingClientRect();
        const frame = root.current?.getBoundingClientRect();
        if (!found || !frame) return;
        const isInside = found.left > frame.left && found.right < frame.right && found.top > frame.top + 40 && found.bottom < frame.bottom - 60;
        const node = flow.getNode(`node:${name}`);
        if (!isInside && node) void flow.setCenter(node.position.x + 110, node.position.y + 23, { zoom: flow.getZoom(), duration });
      },
      fit: () => void flow.fitView({ ...FIT, duration }),
      zoomTo: (zoom) => void flow.zoomTo(zoom, { duration: 0 }),
      zoomBy: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration }),
      center: () => {
        const box = root.current?.getBoundingClientRect();
        return flow.screenToFlowPosition({ x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 });
      },
      toCanvas: (point) => flow.screenToFlowPosition(point),
      pointer: () => (pointer.current === null ? null : flow.screenToFlowPosition(pointer.current)),
    });
    return () => setView(null);
  }, [flow, root, pointer]);
}
