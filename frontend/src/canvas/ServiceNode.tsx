// A web service input or output: a blue box that is joined to one port [76].
import type { NodeProps } from "@xyflow/react";
import { LogIn, LogOut } from "lucide-react";
import { memo, useMemo } from "react";

import type { Port } from "../api/types";
import type { ServiceBox } from "./boxes";
import { InPlace } from "./InPlace";
import { Ports } from "./Ports";
import { renameService } from "./service";
import { setCanvas, useCanvas } from "./state";

export const ServiceNode = memo(function ServiceNode({ id, data, selected }: NodeProps<ServiceBox>) {
  const { key, name, side, isReadOnly } = data;
  const isRenaming = useCanvas((state) => state.renaming === `service:${key}`) && !isReadOnly;
  const ports = useMemo<Port[]>(() => [{ name: "data", type: "dataset", optional: false, label: "Data", aliases: [], holds: "" }], []);
  const portSide = side === "input" ? "output" : "input";
  const Icon = side === "input" ? LogIn : LogOut;
  return (
    <div className={`canvas-service ${selected ? "is-selected" : ""}`} data-service={key}>
      <Icon size={15} aria-hidden className="canvas-service-icon" />
      {isRenaming ? (
        <InPlace
          label={`New name of web service ${side} ${name}`}
          value={name}
          onDone={(text) => renameService(key, text.trim())}
          onClose={() => setCanvas({ renaming: null })}
        />
      ) : (
        <span className="canvas-service-name">{name}</span>
      )}
      <span className="canvas-service-side">{side}</span>
      <Ports box={id} owner={`Web service ${side} ${name}`} side={portSide} ports={ports} connected={CONNECTED} isNumbered={false} isReadOnly={isReadOnly} />
    </div>
  );
});

const CONNECTED = ["input\ndata", "output\ndata"];
