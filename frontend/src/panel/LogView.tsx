// The log of one node of a run: fetched from where it begins, then followed while the node runs.
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";

import { part, request } from "../api/client";
import { useEvent } from "../api/events";
import type { TextSlice } from "../api/types";

const KEPT = 400_000;

interface LogViewProps {
  run: number;
  node: string;
  isRunning: boolean;
  /** Stands above the log; then an empty log shows nothing at all. */
  head?: ReactNode;
}

export function LogView({ run, node, isRunning, head }: LogViewProps) {
  const [text, setText] = useState("");
  const next = useRef(0);
  const isAsking = useRef(false);
  const box = useRef<HTMLPreElement>(null);

  const ask = useCallback(async () => {
    if (isAsking.current) return;
    isAsking.current = true;
    try {
      for (;;) {
        const slice = await request<TextSlice>(`/runs/${run}/nodes/${part(node)}/log?offset=${next.current}`);
        if (slice.next <= next.current) break;
        next.current = slice.next;
        setText((known) => (known + slice.text).slice(-KEPT));
      }
    } catch {
      // A node that has not begun has no log yet; an event or the end of the node asks again.
    } finally {
      isAsking.current = false;
    }
  }, [run, node]);

  useEffect(() => {
    next.current = 0;
    setText("");
    isAsking.current = false;
    void ask();
  }, [ask]);
  useEffect(() => {
    if (!isRunning) void ask();
  }, [isRunning, ask]);
  useEvent(
    "log",
    useCallback((event) => event.run === run && event.node === node && void ask(), [run, node, ask]),
  );

  useEffect(() => {
    const element = box.current;
    if (element && element.scrollHeight - element.scrollTop - element.clientHeight < 120) {
      element.scrollTop = element.scrollHeight;
    }
  }, [text]);

  const log = (
    <pre ref={box} className="panel-log" tabIndex={0} aria-label={`Log of ${node}`} role="log">
      {text || (isRunning ? "Nothing written yet." : "The log is empty.")}
    </pre>
  );
  if (head === undefined) return log;
  if (text === "" && !isRunning) return null;
  return (
    <section aria-label={`${node} wrote`}>
      {head}
      {log}
    </section>
  );
}
