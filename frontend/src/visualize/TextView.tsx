// Bytes that are text, as they are.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { request } from "../api/client";
import type { components } from "../api/schema";
import { bytes } from "../ui/quantities";
import { Asked } from "../ui/Waiting";

type CellText = components["schemas"]["CellText"];

export function TextView({ digest }: { digest: string }) {
  const [isWrapped, setWrapped] = useState(true);
  const text = useQuery({
    queryKey: ["contents", digest, "text"],
    queryFn: () => request<CellText>(`/contents/${digest}/text`),
    staleTime: Infinity,
  });
  return (
    <Asked query={text}>
      {(known) => (
        <div className="text-view">
          <div className="text-view-bar">
            <label className="checkbox">
              <input type="checkbox" checked={isWrapped} onChange={(event) => setWrapped(event.target.checked)} />
              wrap lines
            </label>
            {known.is_cut && <span className="soft">The beginning of {bytes(known.length)}; download it to see all.</span>}
          </div>
          <pre className={isWrapped ? "text-view-text is-wrapped" : "text-view-text"} tabIndex={0} aria-label="Text">
            {known.text}
          </pre>
        </div>
      )}
    </Asked>
  );
}
