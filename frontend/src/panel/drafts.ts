// What is being typed in a field: put into the document on Enter, on leaving, and after half a second of quiet.
import { useCallback, useEffect, useRef, useState } from "react";

const QUIET_MS = 500;

const waiting = new Set<() => void>();

/** Puts into the document what is still being typed, as before a run. */
export function flushDrafts(): void {
  for (const commit of [...waiting]) commit();
}

export interface Draft {
  text: string;
  type: (text: string) => void;
  /** Commits now. */
  commit: () => void;
  /** Back to what the document has. */
  drop: () => void;
}

interface DraftOptions {
  /** A text that is not worth writing while it is being typed; leaving the field writes it all the same. */
  isUnfinished?: (text: string) => boolean;
}

/** Keeps a text beside the document's until it is committed; another editor's change comes through when nothing is typed. */
export function useDraft(stored: string, save: (text: string) => void, options: DraftOptions = {}): Draft {
  const [draft, setDraft] = useState<string | null>(null);
  const latest = useRef({ draft, stored, save, options });
  latest.current = { draft, stored, save, options };
  const timer = useRef(0);

  const commit = useCallback(() => {
    window.clearTimeout(timer.current);
    waiting.delete(commit);
    const { draft: typed, stored: known, save: write } = latest.current;
    latest.current.draft = null;
    setDraft(null);
    if (typed !== null && typed !== known) write(typed);
  }, []);

  useEffect(() => commit, [commit]);

  const type = useCallback(
    (text: string) => {
      setDraft(text);
      latest.current.draft = text;
      waiting.add(commit);
      window.clearTimeout(timer.current);
      if (latest.current.options.isUnfinished?.(text)) return;
      timer.current = window.setTimeout(commit, QUIET_MS);
    },
    [commit],
  );

  const drop = useCallback(() => {
    window.clearTimeout(timer.current);
    waiting.delete(commit);
    latest.current.draft = null;
    setDraft(null);
  }, [commit]);

  return { text: draft ?? stored, type, commit, drop };
}
