// Whether everything is in the workspace's files [17, 18].
import { CloudOff, GitMerge, LoaderCircle, Check } from "lucide-react";

import { useDocument } from "../document/store";
import { moment } from "../ui/quantities";

export function SavedState() {
  const saving = useDocument((state) => state.saving);
  const savedAt = useDocument((state) => state.savedAt);
  const text = {
    saved: savedAt === null ? "Saved" : `Saved ${moment(savedAt)}`,
    saving: "Saving …",
    offline: "Not saved: no server",
    conflict: "Changed elsewhere too",
  }[saving];
  const Icon = { saved: Check, saving: LoaderCircle, offline: CloudOff, conflict: GitMerge }[saving];
  return (
    <span className={`command-bar-saved command-bar-saved-${saving}`} role="status" aria-label={text}>
      <Icon size={15} aria-hidden className={saving === "saving" ? "command-bar-turning" : ""} />
      <span aria-hidden className="number">
        {text}
      </span>
    </span>
  );
}
