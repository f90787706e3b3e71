// Finds one of many columns by typing, and gives its position.
import { Search } from "lucide-react";
import { useId, useMemo, useState } from "react";

import type { Column } from "../api/types";
import { matches } from "../ui/matching";
import { TypeIcon } from "./TypeIcon";

interface ColumnFinderProps {
  columns: Column[];
  label: string;
  onChoose: (column: number) => void;
}

const MOST = 50;

export function ColumnFinder({ columns, label, onChoose }: ColumnFinderProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    const places: number[] = [];
    for (let place = 0; place < columns.length && places.length < MOST; place += 1) {
      if (matches(columns[place]?.name ?? "", typed)) places.push(place);
    }
    return places;
  }, [columns, typed]);

  function choose(column: number | undefined): void {
    if (column === undefined) return;
    setOpen(false);
    setTyped("");
    onChoose(column);
  }

  return (
    <div className="column-finder">
      <Search size={14} aria-hidden />
      <input
        className="input"
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-activedescendant={isOpen && found[at] !== undefined ? `${id}-${at}` : undefined}
        placeholder={label}
        value={typed}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
          else if (event.key === "Enter") choose(found[at]);
          else if (event.key === "Escape" && isOpen) setOpen(false);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {isOpen && (
        <ul id={id} role="listbox" aria-label={label} className="column-finder-list">
          {found.map((place, index) => {
            const column = columns[place];
            if (column === undefined) return null;
            return (
              <li
                key={place}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === at}
                className="column-finder-item"
                onMouseDown={(event) => {
                  event.preventDefault();
                  choose(place);
                }}
              >
                <TypeIcon column={column} />
                <span>{column.name}</span>
              </li>
            );
          })}
          {found.length === 0 && <li className="column-finder-none">No column has “{typed}” in its name.</li>}
          {found.length === MOST && columns.length > MOST && <li className="column-finder-none">Type more to see others.</li>}
        </ul>
      )}
    </div>
  );
}
