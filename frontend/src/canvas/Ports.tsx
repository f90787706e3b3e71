// The ports of a box: circles and other shapes on its edges, by type; reachable by keyboard, named for screen readers.
import { Handle, Position as Side } from "@xyflow/react";
import { memo } from "react";

import type { NodeStatus, Port, PortResult } from "../api/types";
import { holdsOf, portLabel } from "../document/graph";
import { portKey } from "./boxes";
import { PortShape, shapeOf } from "./PortShape";
import { shape } from "./results";
import { useCanvas } from "./state";

interface PortsProps {
  box: string;
  owner: string;
  side: "input" | "output";
  ports: Port[];
  connected: string[];
  status?: NodeStatus;
  isNumbered: boolean;
  isReadOnly: boolean;
}

export function Ports({ box, owner, side, ports, connected, status, isNumbered, isReadOnly }: PortsProps) {
  return ports.map((port, index) => (
    <PortMark
      key={port.name}
      box={box}
      label={`${owner}, ${side} ${index + 1} ${port.name}`}
      side={side}
      port={port}
      place={(index + 1) / (ports.length + 1)}
      number={isNumbered ? index + 1 : null}
      isConnected={connected.includes(`${side}\n${port.name}`)}
      isMissing={side === "input" && !port.optional && !connected.includes(`input\n${port.name}`)}
      result={side === "output" ? status?.outputs[port.name] : undefined}
      isStale={status?.is_current === false}
      isReadOnly={isReadOnly}
    />
  ));
}

interface PortMarkProps {
  box: string;
  label: string;
  side: "input" | "output";
  port: Port;
  place: number;
  number: number | null;
  isConnected: boolean;
  isMissing: boolean;
  result: PortResult | undefined;
  isStale: boolean;
  isReadOnly: boolean;
}

const PortMark = memo(function PortMark(props: PortMarkProps) {
  const { box, label, side, port, place, number, isConnected, isMissing, result, isStale, isReadOnly } = props;
  const verdict = useCanvas((state) => {
    if (state.link === null) return "";
    if (state.link.box === box && state.link.port === port.name && state.link.side === side) return "is-source";
    return state.linkable[portKey(box, side, port.name)] ? "is-linkable" : "is-refused";
  });
  const left = `${place * 100}%`;
  const classes = [
    "canvas-port",
    `canvas-port-${port.type}`,
    port.type === "object" && `canvas-port-drawn canvas-port-${shapeOf(port).kind}`,
    isConnected && "is-connected",
    isMissing && "is-missing",
    number !== null && "is-numbered",
    verdict,
  ];
  return (
    <>
      <Handle
        id={port.name}
        type={side === "input" ? "target" : "source"}
        position={side === "input" ? Side.Top : Side.Bottom}
        className={classes.filter(Boolean).join(" ")}
        style={{ left }}
        isConnectable={!isReadOnly}
        tabIndex={0}
        role="button"
        aria-label={`${label}, ${portLabel(port)}, ${holdsOf(port)}${isConnected ? ", connected" : ""}`}
        data-port={port.name}
        data-side={side}
        data-box={box}
      >
        {port.type === "object" && <PortShape port={port} />}
        {number !== null && <span className="canvas-port-number">{number}</span>}
      </Handle>
      {result && shape(result) !== "" && (
        <span className={`canvas-badge ${isStale ? "is-stale" : ""}`} style={{ left }} aria-hidden>
          {shape(result)}
        </span>
      )}
    </>
  );
});
