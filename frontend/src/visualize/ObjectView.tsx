// What is said of content that the page does not open: a trained model, or other bytes.
import { Box } from "lucide-react";
import type { ReactNode } from "react";

import type { PortView } from "../api/types";
import { bytes } from "../ui/quantities";

export function ObjectView({ view, children }: { view: PortView; children?: ReactNode }) {
  const isObject = view.view === "object";
  return (
    <div className="object-view">
      <Box size={40} strokeWidth={1.25} aria-hidden />
      <h2>{isObject ? "A Python object" : "A file"}</h2>
      <p className="soft">
        {isObject
          ? "A pickled object, such as a trained model or a transform. It is opened only in a jail, by a node that has it as input; the studio itself never does."
          : "Bytes in a format that the studio does not show. Download them, or load them with the Python code above."}
      </p>
      <dl className="facts">
        <dt>Kind</dt>
        <dd>{view.kind}</dd>
        <dt>Size</dt>
        <dd>{bytes(view.size)}</dd>
        <dt>Digest (SHA-256)</dt>
        <dd className="mono">{view.digest}</dd>
      </dl>
      {children}
    </div>
  );
}
