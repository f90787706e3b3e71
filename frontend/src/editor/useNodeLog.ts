// The log of a node's newest run, followed while it grows.
import { useEffect, useState } from "react";

import { part, request } from "../api/client";
import { listen } from "../api/events";
import type { TextSlice } from "../api/types";

const MOST_LETTERS = 400_000;

interface Log {
  text: string;
  next: number;
}

const EMPTY: Log = { text: "", next: 0 };

/** Gives the text that a node has printed in a run. `isDone` changes when it ends, and the rest is fetched then. */
export function useNodeLog(run: number | null, node: string, isDone: boolean): string {
  const [log, setLog] = useState<Log & { key: string }>({ ...EMPTY, key: "" });
  const key = `${run}/${node}`;

  useEffect(() => {
    if (run === null) return;
    let isOver = false;
    let state = EMPTY;
    function show(next: Log): void {
      if (isOver) return;
      state = { ...next, text: next.text.slice(-MOST_LETTERS) };
      setLog({ ...state, key });
    }
    async function fetchRest(): Promise<void> {
      for (let count = 0; count < 100 && !isOver; count++) {
        const slice = await request<TextSlice>(`/runs/${run}/nodes/${part(node)}/log?offset=${state.next}`).catch(() => null);
        if (slice === null || slice.next <= state.next) return;
        if (slice.offset === state.next) show({ text: state.text + slice.text, next: slice.next });
        else return;
      }
    }
    const end = listen("log", (event) => {
      if (event.run !== run || event.node !== node) return;
      if (event.offset !== state.next) void fetchRest();
      else show({ text: state.text + event.text, next: event.offset + new TextEncoder().encode(event.text).length });
    });
    void fetchRest();
    return () => {
      isOver = true;
      end();
    };
  }, [run, node, key, isDone]);

  return log.key === key ? log.text : "";
}
