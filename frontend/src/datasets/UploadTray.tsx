// The uploads that are going on, above the list of datasets [6].
import { X } from "lucide-react";

import { Button, IconButton } from "../ui/Button";
import { UploadProgress } from "./UploadProgress";
import { cancelUpload, useUploads } from "./useUpload";

export function UploadTray({ onOpen }: { onOpen: (key: number) => void }) {
  const uploads = useUploads((state) => state.uploads);
  if (uploads.length === 0) return null;
  return (
    <ul className="upload-tray" aria-label="Uploads">
      {uploads.map((upload) => (
        <li key={upload.key} className="upload-tray-item">
          <span className="upload-tray-name">{upload.file.name}</span>
          <UploadProgress upload={upload} />
          <Button onClick={() => onOpen(upload.key)}>
            {upload.isConfirmed ? "Details" : upload.problem ? "See why" : "Name and options"}
          </Button>
          <IconButton label={`Cancel upload of ${upload.file.name}`} onClick={() => void cancelUpload(upload.key)}>
            <X size={16} aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
