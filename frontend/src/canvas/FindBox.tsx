// Finds nodes by name, module, comment and script; with nothing typed it is the outline of the experiment [32, 34].
import { X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";

import { edit, moduleTable, useDocument } from "../document/store";
import { IconButton } from "../ui/Button";
import { matches } from "../ui/matching";
import { StateMark } from "../ui/StateMark";
import { iconOf } from "./icons";
import { canvasView, setCanvas } from "./state";
import { own } from "../document/records";

interface Found {
  name: string;
  module: string;
  category: string;
  id: string;
  line: string;
}

export function FindBox() {
  const document = useDocument((state) => state.document);
  const statuses = useDocument((state) => state.statuses);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const found = useMemo<Found[]>(() => {
    const modules = moduleTable();
    return Object.entries(document?.nodes ?? {}).flatMap(([name, node]) => {
      const module = modules[node.module];
      const head = `${name} ${module?.name ?? node.module} ${node.comment}`;
      const one = { name, module: module?.name ?? node.module, category: module?.category ?? "", id: node.module };
      if (matches(head, typed)) return [{ ...one, line: "" }];
      const lines = (node.script?.text ?? JSON.stringify(node.parameters)).split("\n");
      const index = lines.findIndex((line) => line.toLowerCase().includes(typed.toLowerCase()));
      if (index < 0) return [];
      return [{ ...one, line: `${node.script ? `${index + 1}: ` : ""}${(lines[index] ?? "").trim().slice(0, 120)}` }];
    });
  }, [document, typed]);

  useEffect(() => field.current?.focus(), []);

  function go(one: Found | undefined): void {
    if (one === undefined) return;
    edit.select([one.name]);
    canvasView()?.show([one.name]);
  }

  function close(): void {
    setCanvas({ isFinding: false });
    const [name] = useDocument.getState().selection;
    const box = name === undefined ? null : window.document.querySelector<HTMLElement>(`[data-id="${CSS.escape(`node:${name}`)}"]`);
    box?.focus();
  }

  function onKey(event: React.KeyboardEvent): void {
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") {
      go(found[at]);
      if (found.length > 1 && !event.shiftKey) setAt((at + 1) % found.length);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className="canvas-find" role="search">
      <div className="canvas-find-head">
        <input
          ref={field}
          className="input"
          role="combobox"
          aria-label="Find nodes"
          aria-expanded
          aria-controls="canvas-found"
          aria-activedescendant={found[at] ? `canvas-found-${at}` : undefined}
          placeholder="Name, module, text of a script"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
        <IconButton label="Close" onClick={close}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <div id="canvas-found" role="listbox" aria-label="Nodes found" className="canvas-found">
        {found.map((one, index) => {
          const Icon = iconOf(one.id, one.category);
          const status = own(statuses, one.name);
          return (
            <button
              key={one.name}
              id={`canvas-found-${index}`}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              className="canvas-found-item"
              onClick={() => {
                setAt(index);
                go(one);
              }}
            >
              <Icon size={15} aria-hidden />
              <span className="canvas-found-names">
                <span>{one.name}</span>
                <span className="soft">{one.line || one.module}</span>
              </span>
              {status?.is_current && status.state !== "not-run" && <StateMark state={status.state} size={14} />}
            </button>
          );
        })}
        {found.length === 0 && <p className="soft canvas-found-none">No node has “{typed}”.</p>}
      </div>
    </div>
  );
}
