// The outputs of a node that has run: what each holds, with Visualize, Download, Save as dataset [56].
import { Download, Ellipsis, Eye, Save } from "lucide-react";
import { lazy, Suspense, useState } from "react";

import type { NodeStatus, PortResult } from "../api/types";
import { edit } from "../document/store";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { bytes, count } from "../ui/quantities";
import { useSource } from "./source";

const VisualizeDialog = lazy(() => import("../visualize/VisualizeDialog"));
const SaveAsDatasetDialog = lazy(async () => ({ default: (await import("../visualize/SaveAsDatasetDialog")).SaveAsDatasetDialog }));

interface Place {
  run: number;
  node: string;
  port: string;
}

export function resultText(result: PortResult): string {
  if (result.rows != null) return `${count(result.rows)} × ${count(result.columns ?? 0)}`;
  return bytes(result.size);
}

/** Its code comes with the first download. */
async function fetchFile(result: PortResult, name: string, format?: string): Promise<void> {
  const { download } = await import("../visualize/DownloadButton");
  await download({ digest: result.digest, kind: result.kind, size: result.size, name, format });
}

export function OutputRows({ name, status }: { experiment: string; name: string; status: NodeStatus }) {
  const { isReadOnly } = useSource();
  const [shown, setShown] = useState<Place | null>(null);
  const [saved, setSaved] = useState<Place | null>(null);
  const outputs = Object.entries(status.outputs);
  const { run } = status;
  if (outputs.length === 0 || run == null) return null;

  return (
    <ul className="panel-outputs" aria-label="Outputs">
      {outputs.map(([port, result]) => {
        const place = { run, node: name, port };
        const save = (format?: string): void => void fetchFile(result, `${name}.${port}`, format);
        return (
          <li key={port}>
            <span className="panel-output-name">{port}</span>
            <span className="soft number">{resultText(result)}</span>
            <IconButton
              label={`Visualize ${port}`}
              onClick={() => (isReadOnly ? setShown(place) : edit.openVisualize(place))}
            >
              <Eye size={16} aria-hidden />
            </IconButton>
            <Menu
              align="end"
              items={
                result.kind === "dataset"
                  ? [
                      { label: "Download as CSV", icon: <Download size={15} />, onSelect: () => save("csv") },
                      { label: "Download as Parquet", icon: <Download size={15} />, onSelect: () => save("parquet") },
                      { label: "Save as dataset …", icon: <Save size={15} />, onSelect: () => setSaved(place) },
                    ]
                  : [
                      { label: "Download", icon: <Download size={15} />, onSelect: () => save() },
                      result.kind !== "device" && {
                        label: "Save as dataset …",
                        icon: <Save size={15} />,
                        onSelect: () => setSaved(place),
                      },
                    ]
              }
            >
              <IconButton label={`More on ${port}`}>
                <Ellipsis size={16} aria-hidden />
              </IconButton>
            </Menu>
          </li>
        );
      })}
      <Suspense>
        {shown && <VisualizeDialog {...shown} onClose={() => setShown(null)} />}
        {saved && <SaveAsDatasetDialog {...saved} onClose={() => setSaved(null)} />}
      </Suspense>
    </ul>
  );
}
