// A path of the workspace: typed, or chosen from its folders.
import { FolderOpen } from "lucide-react";
import { useState } from "react";

import { IconButton } from "../ui/Button";
import { DraftInput } from "./DraftInput";
import { FileDialog } from "./FileDialog";
import { defaultText } from "./ParameterField";
import { asText, type ValueInputProps } from "./ValueInput";

export function PathInput({ ids, node, parameter, value, isReadOnly, onChange }: ValueInputProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="panel-with-button">
      <DraftInput
        key={node}
        ids={ids}
        stored={asText(value)}
        save={(text) => onChange(text === "" ? null : text)}
        placeholder={defaultText(parameter) || "data/…"}
        isDisabled={isReadOnly}
      />
      <IconButton label={`Choose ${parameter.label || parameter.name}`} disabled={isReadOnly} onClick={() => setOpen(true)}>
        <FolderOpen size={16} aria-hidden />
      </IconButton>
      {isOpen && (
        <FileDialog
          title={`Choose ${parameter.label || parameter.name}`}
          wants="file"
          onChoose={(path) => onChange(path)}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}
