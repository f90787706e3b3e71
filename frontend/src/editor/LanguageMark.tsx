// Says how far completion works: starting, ready, limited, or why not.
import { BookOpenCheck, BookX, LoaderCircle, Moon } from "lucide-react";

import { Tooltip } from "../ui/Tooltip";
import type { LanguageConnection, LanguageState } from "./languageConnection";

const WORDS: Record<LanguageState["state"], string> = {
  starting: "Completion is starting",
  ready: "Completion is ready",
  limited: "Completion is limited",
  asleep: "Completion rests until you type",
  broken: "Completion ended; trying again",
  refused: "No completion",
};

export function LanguageMark({ connection }: { connection: LanguageConnection }) {
  const { state, environment, python, note } = connection.use();
  const place = environment ? `${environment}, Python ${python}` : "";
  return (
    <Tooltip text={[WORDS[state], place, note].filter(Boolean).join(". ")}>
      <span className={`editor-language editor-language-${state}`} role="status" tabIndex={0}>
        {state === "starting" ? (
          <LoaderCircle size={14} aria-hidden className="editor-language-spin" />
        ) : state === "asleep" ? (
          <Moon size={14} aria-hidden />
        ) : state === "ready" || state === "limited" ? (
          <BookOpenCheck size={14} aria-hidden />
        ) : (
          <BookX size={14} aria-hidden />
        )}
        <span>{state === "ready" ? place : WORDS[state]}</span>
      </span>
    </Tooltip>
  );
}
