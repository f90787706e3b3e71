// Steps that could not be sent yet, kept in the browser so that closing the page loses nothing.
import type { Step } from "./changes";

const TAB = Math.random().toString(36).slice(2);

function prefix(name: string): string {
  return `studiolo-unsent:${location.pathname}:${name}:`;
}

/** Keeps what is unsent of an experiment; nothing unsent takes it away. */
export function keep(name: string, steps: readonly Step[]): void {
  try {
    if (steps.length === 0) localStorage.removeItem(prefix(name) + TAB);
    else localStorage.setItem(prefix(name) + TAB, JSON.stringify(steps));
  } catch {
    // A full or forbidden store: the steps are still in memory.
  }
}

/** Gives, once, what was kept: by this page before a reload, or by one that was closed. */
export function takeKept(name: string): Step[] {
  const steps: Step[] = [];
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix(name)));
    for (const key of keys.sort()) {
      steps.push(...(JSON.parse(localStorage.getItem(key) ?? "[]") as Step[]));
      localStorage.removeItem(key);
    }
  } catch {
    return steps;
  }
  return steps;
}
