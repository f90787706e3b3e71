// Chooses a file or folder of the workspace.
import { useQuery } from "@tanstack/react-query";
import { ChevronRight, File, Folder } from "lucide-react";
import { useState } from "react";

import { part, request } from "../api/client";
import type { WorkspaceFile } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { bytes } from "../ui/quantities";
import { Asked } from "../ui/Waiting";

interface FileDialogProps {
  title: string;
  wants: "file" | "folder" | "both";
  start?: string;
  onChoose: (path: string) => void;
  onClose: () => void;
}

export function FileDialog({ title, wants, start = "", onChoose, onClose }: FileDialogProps) {
  const [folder, setFolder] = useState(start);
  const files = useQuery({
    queryKey: ["files", folder],
    queryFn: () => request<WorkspaceFile[]>(`/files?folder=${part(folder)}`),
    staleTime: 0,
  });
  const steps = folder === "" ? [] : folder.split("/");

  function choose(path: string): void {
    onChoose(path);
    onClose();
  }

  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {wants !== "file" && (
            <Button look="primary" disabled={folder === ""} onClick={() => choose(folder)}>
              Choose this folder
            </Button>
          )}
        </>
      }
    >
      <nav className="panel-file-steps" aria-label="Folder">
        <button type="button" onClick={() => setFolder("")}>
          workspace
        </button>
        {steps.map((step, index) => (
          <span key={index}>
            <ChevronRight size={13} aria-hidden />
            <button type="button" onClick={() => setFolder(steps.slice(0, index + 1).join("/"))}>
              {step}
            </button>
          </span>
        ))}
      </nav>
      <Asked query={files}>
        {(list) => (
          <ul className="panel-files" aria-label="Files">
            {list.map((one) => (
              <li key={one.path}>
                <button
                  type="button"
                  disabled={!one.is_folder && wants === "folder"}
                  onClick={() => (one.is_folder ? setFolder(one.path) : choose(one.path))}
                >
                  {one.is_folder ? <Folder size={15} aria-hidden /> : <File size={15} aria-hidden />}
                  <span>{one.path.split("/").at(-1)}</span>
                  {!one.is_folder && <span className="soft number">{bytes(one.size)}</span>}
                </button>
              </li>
            ))}
            {list.length === 0 && <li className="soft">The folder is empty.</li>}
          </ul>
        )}
      </Asked>
    </Dialog>
  );
}
