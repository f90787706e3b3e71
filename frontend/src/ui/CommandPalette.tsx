// Ctrl+K: every action that the screen offers, found by typing [8].
import { Search } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useEffect, useMemo, useState } from "react";

import { type Command, useCommands } from "./commands";
import { matches } from "./matching";
import "./command-palette.css";

export function CommandPalette() {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const commands = useCommands((state) => state.commands);
  const found = useMemo(
    () => commands.filter((one) => one.isEnabled !== false && matches(`${one.group} ${one.label}`, text)),
    [commands, text],
  );

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setText("");
        setAt(0);
        setOpen(true);
      }
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  function carryOut(command: Command | undefined): void {
    setOpen(false);
    if (command) window.setTimeout(command.run);
  }

  return (
    <Radix.Root open={isOpen} onOpenChange={setOpen}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-scrim" />
        <Radix.Content className="command-palette" aria-describedby={undefined}>
          <Radix.Title className="visually-hidden">Commands</Radix.Title>
          <div className="command-palette-search">
            <Search size={16} aria-hidden />
            <input
              autoFocus
              role="combobox"
              aria-expanded
              aria-controls="commands"
              aria-activedescendant={found[at] ? `command-${at}` : undefined}
              aria-label="Search commands"
              placeholder="What do you want to do?"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={(event) => {
                if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
                else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
                else if (event.key === "Enter") carryOut(found[at]);
                else return;
                event.preventDefault();
              }}
            />
          </div>
          <div id="commands" role="listbox" aria-label="Commands" className="command-palette-list">
            {found.map((command, index) => (
              <button
                key={`${command.id}-${index}`}
                id={`command-${index}`}
                type="button"
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                className="command-palette-item"
                onClick={() => carryOut(command)}
                onMouseMove={() => setAt(index)}
              >
                <span className="soft">{command.group}</span>
                <span>{command.label}</span>
                {command.keys && <kbd>{command.keys}</kbd>}
              </button>
            ))}
            {found.length === 0 && <p className="command-palette-none">Nothing matches “{text}”.</p>}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
