// The canvas: boxes and lines of the open experiment, edited by pointer and keyboard [16-36].
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  ConnectionLineType,
  type EdgeChange,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { type DragEvent, useCallback, useMemo, useRef, useState } from "react";

import type { Position } from "../api/types";
import { edit, useDocument } from "../document/store";
import { ContextMenu, type MenuItems } from "../ui/Menu";
import { type Box, nameOf, serviceKeyOf } from "./boxes";
import { CanvasNode } from "./CanvasNode";
import { CanvasTools } from "./CanvasTools";
import "./canvas.css";
import { dropOn, edgeUnder, isOurs, MODULE_DRAG } from "./dropping";
import { EmptyCanvas } from "./EmptyCanvas";
import { FindBox } from "./FindBox";
import { onCanvasKey } from "./keyboard";
import { dropOnBox, endLink, linkUp, refusal, startLink } from "./linking";
import { menuFor } from "./menus";
import { PortTip } from "./PortTip";
import { ServiceNode } from "./ServiceNode";
import { setCanvas, useCanvas } from "./state";
import { useClipboard } from "./useClipboard";
import { useCanvasCommands } from "./useCanvasCommands";
import { FIT, useCanvasView } from "./useCanvasView";
import { useDrawn } from "./useDrawn";
import { useShown } from "./useShown";

const NODE_TYPES = { node: CanvasNode, service: ServiceNode };

export function Canvas() {
  return (
    <ReactFlowProvider>
      <EditedCanvas />
    </ReactFlowProvider>
  );
}

function EditedCanvas() {
  const document = useDocument((state) => state.document);
  const statuses = useDocument((state) => state.statuses);
  const selection = useDocument((state) => state.selection);
  const isReadOnly = useDocument((state) => state.isReadOnly);
  const { selectedServices, selectedEdges, showsService, hasMinimap, tool, isFinding, dropEdge } = useCanvas();
  const { drawn, boxes, edges, data, isReady } = useDrawn({
    document,
    statuses,
    selection,
    selectedServices,
    selectedEdges,
    isReadOnly,
    showsService,
  });
  const [shown, setShown] = useShown(boxes);
  const flow = useReactFlow<Box>();
  const root = useRef<HTMLDivElement>(null);
  const pointer = useRef<Position | null>(null);
  const [said, say] = useState("");
  const [menu, setMenu] = useState<MenuItems>([]);
  const positions = drawn?.positions;
  const beganEmpty = useRef<boolean | null>(null);
  if (beganEmpty.current === null && isReady) beganEmpty.current = boxes.length === 0;
  useClipboard(root);
  useCanvasCommands(positions);
  useCanvasView(flow, root, pointer);

  const onNodesChange = useCallback(
    (changes: NodeChange<Box>[]) => {
      const moved = changes.filter((one) => one.type === "position" || one.type === "dimensions");
      if (moved.length > 0) setShown((now) => applyNodeChanges(moved, now));
      select(changes);
    },
    [setShown],
  );

  const onEdgesChange = useCallback((changes: EdgeChange[]) => {
    setCanvas((state) => {
      const chosen = new Set(state.selectedEdges);
      for (const one of changes) if (one.type === "select") one.selected ? chosen.add(one.id) : chosen.delete(one.id);
      return { selectedEdges: [...chosen] };
    });
  }, []);

  const onMoved = useCallback(
    (_: unknown, __: unknown, moved: Box[]) => {
      saveMoves(moved);
      const [only] = moved;
      if (moved.length === 1 && only) dropOn.line(only, root.current);
    },
    [],
  );

  function onConnectEnd(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
    const { link } = useCanvas.getState();
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (link !== null && point && !state.isValid) {
      if (state.toHandle && state.fromHandle) {
        const ends = [state.fromHandle, state.toHandle];
        const from = ends.find((one) => one.type === "source");
        const to = ends.find((one) => one.type === "target");
        if (from && to && from.nodeId !== to.nodeId) {
          linkUp({ source: from.nodeId, sourcePort: from.id ?? "", target: to.nodeId, targetPort: to.id ?? "" });
        }
      } else {
        const under = window.document.elementFromPoint(point.clientX, point.clientY);
        const box = under?.closest<HTMLElement>(".react-flow__node");
        if (box?.dataset.id) dropOnBox(link, box.dataset.id);
      }
    }
    endLink();
  }

  function nudge(dx: number, dy: number): void {
    const chosen = shown.filter((box) => box.selected);
    saveMoves(chosen.map((box) => ({ ...box, position: { x: box.position.x + dx, y: box.position.y + dy } })));
  }

  function onDragOver(event: DragEvent): void {
    if (isReadOnly || !isOurs(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    const under = event.dataTransfer.types.includes(MODULE_DRAG) ? edgeUnder(event.clientX, event.clientY) : null;
    if (under !== useCanvas.getState().dropEdge) setCanvas({ dropEdge: under });
  }

  function onDrop(event: DragEvent): void {
    setCanvas({ dropEdge: null });
    if (isReadOnly || !isOurs(event.dataTransfer)) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    dropOn.canvas(event.dataTransfer, at, positions ?? {}, edgeUnder(event.clientX, event.clientY));
    root.current?.focus();
  }

  const linesShown = useMemo(
    () => (dropEdge === null ? edges : edges.map((one) => (one.id === dropEdge ? { ...one, className: `${one.className} is-drop` } : one))),
    [edges, dropEdge],
  );

  return (
    <ContextMenu items={menu} label="Actions">
      <div
        ref={root}
        className={`canvas canvas-tool-${tool}`}
        role="region"
        aria-label="Canvas"
        tabIndex={-1}
        onContextMenuCapture={(event) => setMenu(menuFor(event.target as Element, { x: event.clientX, y: event.clientY }))}
        onKeyDown={(event) => {
          const host = { root: event.currentTarget, nudge, say };
          if (!onCanvasKey(event, host)) return;
          event.preventDefault();
          event.stopPropagation();
        }}
        onPointerMove={(event) => (pointer.current = { x: event.clientX, y: event.clientY })}
        onPointerLeave={() => (pointer.current = null)}
        onDragOver={onDragOver}
        onDragLeave={() => setCanvas({ dropEdge: null })}
        onDrop={onDrop}
        onDoubleClick={onDoubleClick}
      >
        {isReady && (
          <ReactFlow<Box>
            nodes={shown}
            edges={linesShown}
            nodeTypes={NODE_TYPES}
            onNodesChange={onNodesChange}
            onEdgesChange={onEdgesChange}
            onNodeDragStop={onMoved}
            onSelectionDragStop={(_, moved) => saveMoves(moved)}
            onConnectStart={(_, { nodeId, handleId, handleType }) =>
              startLink({ box: nodeId ?? "", port: handleId ?? "", side: handleType === "target" ? "input" : "output" })
            }
            onConnect={(made: Connection) =>
              linkUp({ source: made.source, sourcePort: made.sourceHandle ?? "", target: made.target, targetPort: made.targetHandle ?? "" })
            }
            onConnectEnd={onConnectEnd}
            isValidConnection={(one) =>
              refusal({ source: one.source, sourcePort: one.sourceHandle ?? "", target: one.target, targetPort: one.targetHandle ?? "" }) === null
            }
            connectionLineType={ConnectionLineType.Bezier}
            connectionRadius={22}
            nodesConnectable={!isReadOnly}
            nodesDraggable={!isReadOnly}
            elementsSelectable
            edgesFocusable
            disableKeyboardA11y
            deleteKeyCode={null}
            selectionKeyCode="Shift"
            multiSelectionKeyCode={["Control", "Meta"]}
            panActivationKeyCode="Space"
            selectionOnDrag={tool === "select"}
            panOnDrag={tool === "select" ? [1, 2] : [0, 1]}
            selectionMode={SelectionMode.Partial}
            zoomOnDoubleClick={false}
            minZoom={0.15}
            maxZoom={2}
            fitView={!beganEmpty.current} // else the first box would jump away from the pointer
            fitViewOptions={FIT}
            proOptions={NO_MARK}
            nodeDragThreshold={3}
          >
            <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--canvas-dot)" bgColor="var(--bg-canvas)" />
            {hasMinimap && <MiniMap<Box> pannable zoomable ariaLabel="Map of the canvas" nodeClassName="canvas-minimap-node" position="bottom-right" />}
          </ReactFlow>
        )}
        {isReady && shown.length === 0 && <EmptyCanvas isReadOnly={isReadOnly} />}
        {isReady && <CanvasTools positions={positions ?? {}} />}
        {isFinding && <FindBox />}
        <PortTip root={root} data={data} />
        <div className="visually-hidden" role="status" aria-live="polite">
          {said}
        </div>
      </div>
    </ContextMenu>
  );
}

const NO_MARK = { hideAttribution: true };

function select(changes: NodeChange<Box>[]): void {
  const chosen = changes.filter((one) => one.type === "select");
  if (chosen.length === 0) return;
  const nodes = new Set(useDocument.getState().selection);
  const services = new Set(useCanvas.getState().selectedServices);
  for (const { id, selected } of chosen) {
    const name = nameOf(id);
    const key = serviceKeyOf(id);
    if (name !== null) selected ? nodes.add(name) : nodes.delete(name);
    if (key !== null) selected ? services.add(key) : services.delete(key);
  }
  edit.select([...nodes]);
  setCanvas({ selectedServices: [...services] });
}

function saveMoves(moved: Box[]): void {
  const nodes: Record<string, Position> = {};
  const services: Record<string, Position> = {};
  for (const { id, position } of moved) {
    const name = nameOf(id);
    const key = serviceKeyOf(id);
    if (name !== null) nodes[name] = position;
    if (key !== null) services[key] = position;
  }
  if (moved.length > 0) edit.moveNodes(nodes, services);
}

function onDoubleClick(event: React.MouseEvent): void {
  const target = event.target as Element;
  if (target.closest("input, textarea, button, [data-port]")) return;
  const box = target.closest<HTMLElement>(".react-flow__node");
  const id = box?.dataset.id ?? "";
  const name = nameOf(id);
  const key = serviceKeyOf(id);
  const { document, isReadOnly } = useDocument.getState();
  if (key !== null && !isReadOnly) setCanvas({ renaming: `service:${key}` });
  if (name === null) return;
  if (document?.nodes[name]?.script && !event.shiftKey) edit.openEditor(name);
  else if (!isReadOnly) setCanvas({ commenting: name });
}
