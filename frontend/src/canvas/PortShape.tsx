// The outline of a port that holds an object: which learning it belongs to by colour, how far it is by shape [25].
import type { Port } from "../api/types";

interface Shape {
  kind: "learner" | "model" | "cluster-learner" | "cluster-model" | "transform" | "thing";
  path: string;
}

const DIAMOND = "M8 1.5 14.5 8 8 14.5 1.5 8Z";
const HEXAGON = "M8 1.5 13.8 4.8V11.2L8 14.5 2.2 11.2V4.8Z";
const WEDGE = "M2 3H14L8 14Z";
const SQUARE = "M3 3H13V13H3Z";

const SHAPES: Record<string, Shape> = {
  "untrained model": { kind: "learner", path: DIAMOND },
  "trained model": { kind: "model", path: HEXAGON },
  "untrained clustering model": { kind: "cluster-learner", path: DIAMOND },
  "clustering model": { kind: "cluster-model", path: HEXAGON },
  transformation: { kind: "transform", path: WEDGE },
};

const THING: Shape = { kind: "thing", path: SQUARE };

export const shapeOf = (port: Port): Shape => SHAPES[port.holds] ?? THING;

export function PortShape({ port }: { port: Port }) {
  return (
    <svg className="canvas-port-shape" viewBox="0 0 16 16" aria-hidden>
      <path d={shapeOf(port).path} />
    </svg>
  );
}
