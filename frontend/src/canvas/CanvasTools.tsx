// The tools at the canvas's lower edge: zoom, fit, pan or select, arrange, map, find [30-33].
import { useStore } from "@xyflow/react";
import { Hand, Maximize, Minus, Map as MapIcon, Network, Plus, Search, SquareDashedMousePointer, Waypoints } from "lucide-react";

import type { Position } from "../api/types";
import { useDocument } from "../document/store";
import { IconButton } from "../ui/Button";
import { arrangeAll } from "./actions";
import { canvasView, setCanvas, toggleMinimap, useCanvas } from "./state";

const MIN = Math.log2(0.15);
const MAX = Math.log2(2);

export function CanvasTools({ positions }: { positions: Record<string, Position> }) {
  const zoom = useStore((state) => state.transform[2]);
  const { hasMinimap, tool, isFinding, showsService } = useCanvas();
  const isReadOnly = useDocument((state) => state.isReadOnly);
  const hasService = useDocument((state) => state.document?.web_service != null);
  const isEmpty = Object.keys(positions).length === 0;
  return (
    <div className="canvas-tools" role="toolbar" aria-label="Canvas tools">
      <IconButton label="Find on the canvas" keys="Ctrl+F" isPressed={isFinding} onClick={() => setCanvas({ isFinding: !isFinding })}>
        <Search size={16} aria-hidden />
      </IconButton>
      <span className="canvas-tools-line" />
      <IconButton label="Zoom out" keys="-" onClick={() => canvasView()?.zoomBy(1 / 1.25)}>
        <Minus size={16} aria-hidden />
      </IconButton>
      <input
        type="range"
        className="canvas-zoom"
        aria-label="Zoom"
        aria-valuetext={`${Math.round(zoom * 100)} %`}
        min={MIN}
        max={MAX}
        step={0.05}
        value={Math.log2(zoom)}
        onChange={(event) => canvasView()?.zoomTo(2 ** Number(event.target.value))}
      />
      <IconButton label="Zoom in" keys="+" onClick={() => canvasView()?.zoomBy(1.25)}>
        <Plus size={16} aria-hidden />
      </IconButton>
      <button
        type="button"
        className="canvas-percent number"
        aria-label={`${Math.round(zoom * 100)}%, to natural size`}
        data-tip="Natural size (1)"
        onClick={() => canvasView()?.zoomTo(1)}
      >
        {Math.round(zoom * 100)}%
      </button>
      <IconButton label="Fit to the window" keys="0" onClick={() => canvasView()?.fit()}>
        <Maximize size={16} aria-hidden />
      </IconButton>
      <span className="canvas-tools-line" />
      <IconButton label="Move the view by dragging" isPressed={tool === "pan"} onClick={() => setCanvas({ tool: "pan" })}>
        <Hand size={16} aria-hidden />
      </IconButton>
      <IconButton label="Select by dragging (or Shift and drag)" isPressed={tool === "select"} onClick={() => setCanvas({ tool: "select" })}>
        <SquareDashedMousePointer size={16} aria-hidden />
      </IconButton>
      <span className="canvas-tools-line" />
      <IconButton label="Arrange all nodes" disabled={isReadOnly || isEmpty} onClick={arrangeAll}>
        <Network size={16} aria-hidden />
      </IconButton>
      <IconButton label="Map" keys="M" isPressed={hasMinimap} onClick={toggleMinimap}>
        <MapIcon size={16} aria-hidden />
      </IconButton>
      {hasService && (
        <IconButton label="Show what the web service runs" isPressed={showsService} onClick={() => setCanvas({ showsService: !showsService })}>
          <Waypoints size={16} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
