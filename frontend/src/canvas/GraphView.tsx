// A graph to look at, not to edit: run snapshots and comparisons.
import { Background, BackgroundVariant, type NodeChange, ReactFlow, ReactFlowProvider } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useCallback, useRef } from "react";

import type { ExperimentDocument, NodeStatus } from "../api/types";
import { type Box, type Mark, nameOf } from "./boxes";
import { CanvasNode } from "./CanvasNode";
import "./canvas.css";
import { PortTip } from "./PortTip";
import { ServiceNode } from "./ServiceNode";
import { FIT } from "./useCanvasView";
import { useDrawn } from "./useDrawn";
import { useShown } from "./useShown";

interface GraphViewProps {
  document: ExperimentDocument;
  statuses: Record<string, NodeStatus>;
  marks?: Record<string, Mark>;
  selected: string[];
  onSelect: (names: string[]) => void;
  label?: string;
}

const NODE_TYPES = { node: CanvasNode, service: ServiceNode };
const NO_MARK = { hideAttribution: true };
const NONE: string[] = [];

export function GraphView(props: GraphViewProps) {
  return (
    <ReactFlowProvider>
      <Shown {...props} />
    </ReactFlowProvider>
  );
}

function Shown({ document, statuses, marks, selected, onSelect, label = "Graph" }: GraphViewProps) {
  const root = useRef<HTMLDivElement>(null);
  const { boxes, edges, data, isReady } = useDrawn({
    document,
    statuses,
    marks,
    selection: selected,
    selectedServices: NONE,
    selectedEdges: NONE,
    isReadOnly: true,
    showsService: false,
  });
  const [shown, setShown] = useShown(boxes);

  const onNodesChange = useCallback(
    (changes: NodeChange<Box>[]) => {
      const sizes = changes.filter((one) => one.type === "dimensions");
      if (sizes.length > 0) {
        setShown((now) =>
          now.map((box) => {
            const size = sizes.find((one) => one.id === box.id)?.dimensions;
            return size ? ({ ...box, measured: size } as Box) : box;
          }),
        );
      }
      const chosen = changes.filter((one) => one.type === "select");
      if (chosen.length === 0) return;
      const names = new Set(selected);
      for (const { id, selected: isSelected } of chosen) {
        const name = nameOf(id);
        if (name !== null) isSelected ? names.add(name) : names.delete(name);
      }
      onSelect([...names]);
    },
    [selected, onSelect, setShown],
  );

  function onKey(event: React.KeyboardEvent): void {
    const name = nameOf((event.target as HTMLElement).closest<HTMLElement>(".react-flow__node")?.dataset.id ?? "");
    if (name === null || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    onSelect([name]);
  }

  return (
    <div ref={root} className="canvas canvas-viewed" role="region" aria-label={label} onKeyDown={onKey}>
      {isReady && (
        <ReactFlow<Box>
          nodes={shown}
          edges={edges}
          nodeTypes={NODE_TYPES}
          onNodesChange={onNodesChange}
          nodesConnectable={false}
          nodesDraggable={false}
          edgesFocusable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          zoomOnDoubleClick={false}
          minZoom={0.15}
          maxZoom={2}
          fitView
          fitViewOptions={FIT}
          proOptions={NO_MARK}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--canvas-dot)" bgColor="var(--bg-canvas)" />
        </ReactFlow>
      )}
      <PortTip root={root} data={data} />
    </div>
  );
}
