// The server's events for this page: one stream, opened again after every break, told to whoever listens.
import { useEffect } from "react";

import { API, part } from "./client";
import type { NodeStatus, Problem, Run } from "./types";

export interface Events {
  hello: { version: string };
  open: null;
  closed: null;
  document: { name: string; revision: string };
  status: { experiment: string; run: Run | null; nodes: Record<string, NodeStatus> };
  log: { run: number; node: string; offset: number; text: string };
  run: Run;
  starting: { ticket: string; experiment: string; text: string };
  refused: { ticket: string; experiment: string; error: Problem };
  datasets: Record<string, never>;
  services: Record<string, never>;
  experiments: Record<string, never>;
  modules: Record<string, never>;
}

type Name = keyof Events;
type Listener<N extends Name> = (data: Events[N]) => void;

const NAMES: Name[] = [
  "hello",
  "document",
  "status",
  "log",
  "run",
  "starting",
  "refused",
  "datasets",
  "services",
  "experiments",
  "modules",
];

const listeners = new Map<Name, Set<Listener<never>>>();
let source: EventSource | null = null;
let followed: string | null = null;
let retry = 0;
let pause = 0;
let isPaused = false;

const PAUSE_MILLISECONDS = 5_000;

function tell<N extends Name>(name: N, data: Events[N]): void {
  for (const listener of listeners.get(name) ?? []) (listener as Listener<N>)(data);
}

/** Listens to one kind of event; gives what ends it. */
export function listen<N extends Name>(name: N, listener: Listener<N>): () => void {
  const known = listeners.get(name) ?? new Set();
  listeners.set(name, known);
  known.add(listener as Listener<never>);
  return () => known.delete(listener as Listener<never>);
}

/** Listens while a component is shown. */
export function useEvent<N extends Name>(name: N, listener: Listener<N>): void {
  useEffect(() => listen(name, listener), [name, listener]);
}

/** Opens the stream, for one experiment or none; a second call with another experiment opens it anew. */
export function follow(experiment: string | null): void {
  if (source !== null && followed === experiment) return;
  followed = experiment;
  open();
}

/** Opens the stream unless a screen has opened it already for its experiment. */
export function begin(): void {
  if (source === null && !isPaused) open();
}

/** Closes the stream for good, as when signed out. */
export function unfollow(): void {
  window.clearTimeout(retry);
  isPaused = false;
  source?.close();
  source = null;
}

// A browser holds six connections to a server at most, for all its tabs together: a tab that nobody looks at gives its
// one back, and fetches everything when it is looked at again.
document.addEventListener("visibilitychange", () => {
  window.clearTimeout(pause);
  if (document.hidden) pause = window.setTimeout(rest, PAUSE_MILLISECONDS);
  else if (isPaused) open();
});

function rest(): void {
  if (source === null) return;
  unfollow();
  isPaused = true;
}

function open(): void {
  unfollow();
  if (document.hidden) {
    isPaused = true;
    return;
  }
  const query = followed === null ? "" : `?experiment=${part(followed)}`;
  const opened = new EventSource(`${API}/events${query}`);
  source = opened;
  opened.onopen = () => tell("open", null);
  opened.onerror = () => {
    tell("closed", null);
    opened.close();
    if (source === opened) retry = window.setTimeout(open, 1000);
  };
  for (const name of NAMES) {
    opened.addEventListener(name, (event) => tell(name, JSON.parse((event as MessageEvent<string>).data)));
  }
}
