// A node on the canvas: icon, own name, module, comment, state, ports.
import type { NodeProps } from "@xyflow/react";
import { ChevronDown, ChevronRight, CircleAlert, Ellipsis, PencilLine } from "lucide-react";
import { memo } from "react";

import { edit } from "../document/store";
import { StateMark } from "../ui/StateMark";
import { type NodeBox, type NodeData, nodeId } from "./boxes";
import { iconOf } from "./icons";
import { InPlace } from "./InPlace";
import { Ports } from "./Ports";
import { setCanvas, toggleFolded, useCanvas } from "./state";

export const CanvasNode = memo(function CanvasNode({ id, data, selected }: NodeProps<NodeBox>) {
  const { name, node, module, status, problems, mark } = data;
  const Icon = iconOf(node.module, module?.category ?? "");
  const isCurrent = status?.is_current !== false;
  const state = status && isCurrent ? status.state : "not-run";
  const classes = [
    "canvas-node",
    `is-${state}`,
    selected && "is-selected",
    node.module === "dataset" && "is-dataset",
    module === undefined && "is-unknown",
    data.isDimmed && "is-dimmed",
    data.isServed && "is-served",
    mark && `is-${mark}`,
  ];
  return (
    <div className={classes.filter(Boolean).join(" ")} data-node={name}>
      <Ports box={id} owner={name} side="input" ports={data.inputs} connected={data.connected} isNumbered={selected} isReadOnly={data.isReadOnly} />
      <div className="canvas-node-head">
        <span className="canvas-node-icon" aria-hidden>
          <Icon size={18} strokeWidth={1.75} />
        </span>
        <span className="canvas-node-names">
          <NodeName data={data} />
          <span className="canvas-node-module">{module?.name ?? `${node.module} (unknown)`}</span>
        </span>
        {problems.length > 0 ? (
          <span className="canvas-node-problem" role="img" aria-label="needs attention" data-tip={problems.map((one) => one.summary).join("\n")}>
            <CircleAlert size={17} aria-hidden />
          </span>
        ) : (
          state !== "not-run" && (
            <span className="canvas-node-state" data-tip={stateTip(data)}>
              <StateMark state={state} size={17} />
            </span>
          )
        )}
        {!isCurrent && problems.length === 0 && (
          <span className="canvas-node-stale" role="img" aria-label="changed since it ran" data-tip="Changed since it ran. Its former results can still be looked at.">
            <PencilLine size={13} aria-hidden />
          </span>
        )}
      </div>
      <Comment data={data} />
      <Ports box={id} owner={name} side="output" ports={data.outputs} connected={data.connected} status={status} isNumbered={selected} isReadOnly={data.isReadOnly} />
    </div>
  );
});

function stateTip({ status }: NodeData): string {
  if (!status) return "";
  if (status.error) return status.error.summary;
  return status.reason ? `${status.state}: ${status.reason}` : status.state;
}

function NodeName({ data }: { data: NodeData }) {
  const isRenaming = useCanvas((state) => state.renaming === data.name) && !data.isReadOnly;
  if (!isRenaming) {
    return (
      <span className="canvas-node-name" title={data.name}>
        {data.name}
      </span>
    );
  }
  return (
    <InPlace
      label={`New name of ${data.name}`}
      value={data.name}
      className="canvas-node-rename"
      onDone={(text) => {
        const problem = edit.rename(data.name, text.trim());
        // The box under the new name is another element.
        if (problem === null && text.trim() !== data.name) requestAnimationFrame(() => focusNode(text.trim()));
        return problem;
      }}
      onClose={() => setCanvas({ renaming: null })}
    />
  );
}

function focusNode(name: string, triesLeft = 120): void {
  const box = document.querySelector<HTMLElement>(`[data-id="${CSS.escape(nodeId(name))}"]`);
  const active = document.activeElement;
  if (active !== document.body && !active?.closest(".react-flow__node")) return;
  box?.focus(); // which does nothing while the new box is not measured yet
  if (document.activeElement !== box && triesLeft > 0) requestAnimationFrame(() => focusNode(name, triesLeft - 1));
}

function Comment({ data }: { data: NodeData }) {
  const { name, node, isReadOnly } = data;
  const isFolded = useCanvas((state) => state.folded[name] === true);
  const isEditing = useCanvas((state) => state.commenting === name) && !isReadOnly;
  if (isEditing) {
    return (
      <div className="canvas-node-comment is-editing">
        <InPlace
          label={`Comment on ${name}`}
          value={node.comment}
          isLong
          className="canvas-node-comment-input"
          onDone={(text) => {
            edit.set(["nodes", name, "comment"], text.trim(), `Comment on ${name}`);
            return null;
          }}
          onClose={() => setCanvas({ commenting: null })}
        />
      </div>
    );
  }
  if (!node.comment) return null;
  return (
    <div className="canvas-node-comment">
      <button
        type="button"
        className="canvas-node-fold nodrag"
        aria-label={`${isFolded ? "Show" : "Fold"} the comment on ${name}`}
        aria-expanded={!isFolded}
        onClick={(event) => {
          event.stopPropagation();
          toggleFolded(name);
        }}
      >
        {isFolded ? <ChevronRight size={13} aria-hidden /> : <ChevronDown size={13} aria-hidden />}
      </button>
      {isFolded ? <Ellipsis size={13} aria-hidden /> : <p>{node.comment}</p>}
    </div>
  );
}
