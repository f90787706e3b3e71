// The experiment's title, edited where it stands, and what state it is in [17].
import { CircleCheck, CircleX, LoaderCircle, Lock, Pencil, TriangleAlert } from "lucide-react";
import { useState } from "react";

import type { Run } from "../api/types";
import { type DocumentState, edit, useDocument } from "../document/store";
import { moment } from "../ui/quantities";
import { stateLabel } from "../ui/StateMark";
import { InPlace } from "./InPlace";

export function TitleBar() {
  const title = useDocument((state) => state.document?.title ?? "");
  const isReadOnly = useDocument((state) => state.isReadOnly);
  const [isEditing, setEditing] = useState(false);
  return (
    <div className="title-bar">
      {isEditing ? (
        <InPlace
          label="Title of the experiment"
          value={title}
          className="title-bar-input"
          onDone={(text) => {
            if (text.trim() !== "") edit.set(["title"], text.trim(), "Change the title");
            return null;
          }}
          onClose={() => setEditing(false)}
        />
      ) : (
        <h1 className="title-bar-title">
          <button type="button" disabled={isReadOnly} aria-label={`Title: ${title}. Change it`} onClick={() => setEditing(true)}>
            <span>{title}</span>
            {isReadOnly ? <Lock size={13} aria-label="read only" /> : <Pencil size={13} aria-hidden />}
          </button>
        </h1>
      )}
      <StateText />
    </div>
  );
}

function StateText() {
  const state = useDocument();
  const { look, icon, text } = wordsFor(state);
  return (
    <p className={`title-bar-state is-${look}`} role="status">
      {icon}
      {text}
    </p>
  );
}

function wordsFor(state: DocumentState) {
  const { saving, savedAt, run, starting, isReadOnly } = state;
  const spinner = <LoaderCircle size={14} aria-hidden className="title-bar-spinner" />;
  if (isReadOnly) return { look: "warn", icon: <TriangleAlert size={14} aria-hidden />, text: "Read only until its file is good again" };
  if (saving === "offline") return { look: "warn", icon: <TriangleAlert size={14} aria-hidden />, text: "Not saved yet: the server does not answer. Kept in this browser" };
  if (saving === "conflict") return { look: "warn", icon: <TriangleAlert size={14} aria-hidden />, text: "Changed here and elsewhere" };
  if (starting !== null) return { look: "running", icon: spinner, text: starting || "Starting a run" };
  if (run?.state === "running") return { look: "running", icon: spinner, text: `Running run ${run.number}` };
  if (saving === "saving") return { look: "plain", icon: null, text: "Saving …" };
  if (run !== null && isAfter(run, savedAt) && isWhole(state)) {
    if (run.state === "finished") return { look: "good", icon: <CircleCheck size={14} aria-hidden />, text: `Finished running · run ${run.number}` };
    return { look: run.state === "failed" ? "bad" : "plain", icon: <CircleX size={14} aria-hidden />, text: `Run ${run.number} ${stateLabel(run.state)}` };
  }
  if (savedAt !== null) return { look: "plain", icon: null, text: `Draft saved at ${moment(savedAt)}` };
  return { look: "plain", icon: null, text: "In draft" };
}

function isAfter(run: Run, savedAt: number | null): boolean {
  return savedAt === null || (run.ended ?? run.started) >= savedAt;
}

/** Whether nothing has been edited since the run. */
function isWhole({ document, statuses }: DocumentState): boolean {
  return Object.keys(document?.nodes ?? {}).every((name) => statuses[name]?.is_current !== false);
}
