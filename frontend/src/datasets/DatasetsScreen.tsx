// The datasets of the workspace: find, open, upload, remove [2, 3].
import { Database, FileUp } from "lucide-react";
import { type DragEvent, useMemo, useRef, useState } from "react";

import { useDatasets } from "../api/queries";
import { Button } from "../ui/Button";
import { type Command, useOfferedCommands } from "../ui/commands";
import { matches } from "../ui/matching";
import "../ui/screen.css";
import { SearchBox } from "../ui/SearchBox";
import { Asked, EmptyState } from "../ui/Waiting";
import "./datasets.css";
import { DatasetTable } from "./DatasetTable";
import { UploadDialog } from "./UploadDialog";
import { UploadTray } from "./UploadTray";
import { addFiles, useUploads } from "./useUpload";

export default function DatasetsScreen() {
  const datasets = useDatasets();
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState<number[]>([]);
  const [isOver, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const uploads = useUploads((state) => state.uploads);
  const shown = open.map((key) => uploads.find((one) => one.key === key)).find((one) => one !== undefined);

  const take = (files: FileList | null): void => {
    if (files && files.length > 0) setOpen(addFiles(files));
  };
  useOfferedCommands(
    useMemo<Command[]>(() => [{ id: "upload", group: "Datasets", label: "Upload a file", run: () => picker.current?.click() }], []),
  );
  const onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(true);
  };
  const upload = (
    <Button look="primary" icon={<FileUp size={16} aria-hidden />} onClick={() => picker.current?.click()}>
      Upload
    </Button>
  );

  return (
    <div
      className="datasets"
      onDragEnter={onDrag}
      onDragOver={onDrag}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <div className="screen">
        <div className="screen-head">
          <h1>Datasets</h1>
          <SearchBox label="Search datasets" value={typed} onChange={setTyped} />
          {upload}
          <input
            ref={picker}
            className="visually-hidden"
            type="file"
            multiple
            tabIndex={-1}
            aria-label="Files to upload"
            onChange={(event) => {
              take(event.target.files);
              event.target.value = "";
            }}
          />
        </div>
        <UploadTray onOpen={(key) => setOpen([key])} />
        <Asked query={datasets}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState icon={<Database size={44} strokeWidth={1.25} />} title="No dataset yet">
                <p>A dataset has a name and versions, and any experiment of the workspace can use it. Drop a file here, or choose one.</p>
              </EmptyState>
            ) : (
              <DatasetTable rows={rows.filter((row) => matches(`${row.name} ${row.origin} ${row.kind}`, typed))} />
            )
          }
        </Asked>
      </div>
      {isOver && (
        <div className="datasets-drop" aria-hidden>
          <FileUp size={40} strokeWidth={1.25} />
          Drop files to upload them
        </div>
      )}
      {shown && <UploadDialog key={shown.key} upload={shown} onClose={() => setOpen(open.filter((key) => key !== shown.key))} />}
    </div>
  );
}
