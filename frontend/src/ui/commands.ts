// Every action by name: screens register what they can do; keys and the command palette carry it out.
import { useEffect } from "react";
import { create } from "zustand";

export interface Command {
  id: string;
  label: string;
  group: string;
  /** As in "Ctrl+Z", "Delete", "Shift+Enter"; Ctrl stands for Command on a Mac. */
  keys?: string;
  isEnabled?: boolean;
  /** The keys count in text fields too. */
  inFields?: boolean;
  run: () => void;
}

export const useCommands = create<{ commands: Command[] }>(() => ({ commands: [] }));

/** Offers commands while a component is shown. */
export function useOfferedCommands(commands: Command[]): void {
  useEffect(() => {
    useCommands.setState((state) => ({ commands: [...state.commands, ...commands] }));
    return () =>
      useCommands.setState((state) => ({ commands: state.commands.filter((one) => !commands.includes(one)) }));
  }, [commands]);
}

function pressed(event: KeyboardEvent): string {
  const name = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shifts = event.key.length === 1 && !/[a-z]/i.test(event.key) ? false : event.shiftKey;
  return [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", shifts && "Shift", name]
    .filter(Boolean)
    .join("+");
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Carries out commands by their keys. Called once. */
export function listenToKeys(): void {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const keys = pressed(event);
    const inField = isField(event.target);
    const inDialog = document.querySelector('[role="dialog"]') !== null;
    const all = useCommands.getState().commands;
    const found = all.findLast((one) => one.keys === keys && one.isEnabled !== false && (!inField || one.inFields));
    if (found === undefined || (inDialog && !found.inFields)) return;
    event.preventDefault();
    found.run();
  });
}
