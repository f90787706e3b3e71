// Run as a split button: all, selected, from here, to here, anew; Cancel while a run goes on [5, 72].
import { Ban, ChevronDown, Play } from "lucide-react";
import { useEffect, useMemo, useState } from "react";

import { useDocument } from "../document/store";
import { Button } from "../ui/Button";
import { type Command, useOfferedCommands } from "../ui/commands";
import { Menu, type MenuItem } from "../ui/Menu";
import { cancelRun, startRun } from "./start";

const NONE = "Select a node first.";

export function RunButton() {
  const run = useDocument((state) => state.run);
  const starting = useDocument((state) => state.starting);
  const selection = useDocument((state) => state.selection);
  const isEmpty = useDocument((state) => Object.keys(state.document?.nodes ?? {}).length === 0);
  const [cancelled, setCancelled] = useState<number | null>(null);
  const [isAsked, setAsked] = useState(false);
  const isRunning = run?.state === "running";
  const isBusy = isRunning || starting !== null || isAsked;
  const number = run?.number ?? null;

  useEffect(() => setAsked(false), [number, starting, isRunning]);

  const items = useMemo<MenuItem[]>(() => {
    const needs = { isDisabled: selection.length === 0, why: NONE };
    const begin = (wish: Parameters<typeof startRun>[0]) => () => {
      setAsked(true);
      void startRun(wish).finally(() => window.setTimeout(() => setAsked(false), 400));
    };
    return [
      { label: "Run", keys: "Ctrl+Enter", onSelect: begin({}) },
      { label: "Run selected", ...needs, onSelect: begin({ only: selection }) },
      { label: "Run from here", ...needs, onSelect: begin({ start: selection }) },
      { label: "Run to here", ...needs, onSelect: begin({ to: selection }) },
      { label: "Run all anew, reuse nothing", onSelect: begin({ force: true }) },
    ];
  }, [selection]);

  useOfferedCommands(
    useMemo<Command[]>(() => {
      const offered = items.map((item, index) => ({
        id: `run-${index}`,
        group: "Run",
        label: item.label,
        keys: item.keys,
        inFields: index === 0,
        isEnabled: !isBusy && !isEmpty && !item.isDisabled,
        run: item.onSelect,
      }));
      const cancel = {
        id: "cancel-run",
        group: "Run",
        label: "Cancel the run",
        isEnabled: isRunning,
        run: () => number !== null && void cancelRun(number),
      };
      return [...offered, cancel];
    }, [items, isBusy, isEmpty, isRunning, number]),
  );

  if (isRunning && number !== null) {
    const isEnding = cancelled === number;
    return (
      <Button
        look="danger"
        icon={<Ban size={15} aria-hidden />}
        disabled={isEnding}
        onClick={() => {
          setCancelled(number);
          void cancelRun(number);
        }}
      >
        {isEnding ? "Cancelling …" : "Cancel"}
      </Button>
    );
  }
  return (
    <span className="command-bar-run">
      <Button
        look="primary"
        icon={<Play size={15} aria-hidden />}
        disabled={isBusy || isEmpty}
        title="Run (Ctrl+Enter)"
        onClick={items[0]?.onSelect}
      >
        Run
      </Button>
      <Menu items={items} align="end">
        <Button look="primary" aria-label="More ways to run" disabled={isBusy || isEmpty}>
          <ChevronDown size={15} aria-hidden />
        </Button>
      </Menu>
    </span>
  );
}
