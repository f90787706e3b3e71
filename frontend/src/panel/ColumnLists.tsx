// Two lists, available and selected columns, with buttons and keys between them [50].
import { ChevronLeft, ChevronRight, ChevronsLeft, ChevronsRight, Plus, Search } from "lucide-react";
import { useId, useState } from "react";

import type { Column } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { matches } from "../ui/matching";

interface ColumnListsProps {
  columns: Column[] | undefined;
  names: string[];
  onChange: (names: string[]) => void;
}

interface Item {
  name: string;
  type: string;
}

export function ColumnLists({ columns, names, onChange }: ColumnListsProps) {
  const [typed, setTyped] = useState("");
  const [left, setLeft] = useState<string[]>([]);
  const [right, setRight] = useState<string[]>([]);
  const types = new Map(columns?.map((column) => [column.name, column.studio_type]));
  const available = (columns ?? [])
    .filter((column) => !names.includes(column.name) && matches(column.name, typed))
    .map((column) => ({ name: column.name, type: column.studio_type }));
  const selected = names.map((name) => ({ name, type: columns ? (types.get(name) ?? "not there") : "" }));

  function add(more: string[]): void {
    onChange([...names, ...more.filter((name) => !names.includes(name))]);
    setLeft([]);
  }

  function take(gone: string[]): void {
    onChange(names.filter((name) => !gone.includes(name)));
    setRight([]);
  }

  return (
    <div className="columns-lists">
      <div className="columns-list-side">
        <h3>Available columns</h3>
        <form
          className="columns-search"
          onSubmit={(event) => {
            event.preventDefault();
            if (columns === undefined && typed.trim()) {
              add([typed.trim()]);
              setTyped("");
            }
          }}
        >
          {columns ? <Search size={14} aria-hidden /> : <Plus size={14} aria-hidden />}
          <input
            className="input"
            type="search"
            aria-label={columns ? "Search columns" : "Name of a column"}
            placeholder={columns ? "Search columns" : "Type a name and press Enter"}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </form>
        <ColumnList label="Available columns" items={available} picked={left} onPick={setLeft} onEnter={add} />
      </div>
      <div className="columns-list-buttons">
        <IconButton label="Add selected" disabled={left.length === 0} onClick={() => add(left)}>
          <ChevronRight size={18} aria-hidden />
        </IconButton>
        <IconButton
          label="Add all"
          disabled={available.length === 0}
          onClick={() => add(available.map((item) => item.name))}
        >
          <ChevronsRight size={18} aria-hidden />
        </IconButton>
        <IconButton label="Remove selected" disabled={right.length === 0} onClick={() => take(right)}>
          <ChevronLeft size={18} aria-hidden />
        </IconButton>
        <IconButton label="Remove all" disabled={names.length === 0} onClick={() => take(names)}>
          <ChevronsLeft size={18} aria-hidden />
        </IconButton>
      </div>
      <div className="columns-list-side">
        <h3>Selected columns</h3>
        <div className="columns-search">
          <Button
            look="quiet"
            disabled={columns === undefined || names.length === 0}
            onClick={() => onChange([...names].sort((a, b) => position(columns, a) - position(columns, b)))}
          >
            In the dataset’s order
          </Button>
        </div>
        <ColumnList label="Selected columns" items={selected} picked={right} onPick={setRight} onEnter={take} />
      </div>
    </div>
  );
}

function position(columns: Column[] | undefined, name: string): number {
  const at = columns?.findIndex((column) => column.name === name) ?? -1;
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}

interface ColumnListProps {
  label: string;
  items: Item[];
  picked: string[];
  onPick: (names: string[]) => void;
  onEnter: (names: string[]) => void;
}

const SHOWN = 500;

function ColumnList({ label, items, picked, onPick, onEnter }: ColumnListProps) {
  const id = useId();
  const [at, setAt] = useState(0);
  const shown = items.slice(0, SHOWN);
  const active = Math.min(at, shown.length - 1);

  function pick(index: number, isMany: boolean, isRange: boolean): void {
    const name = shown[index]?.name;
    if (name === undefined) return;
    if (isRange) {
      const [low, high] = [Math.min(active, index), Math.max(active, index)];
      onPick(shown.slice(low, high + 1).map((item) => item.name));
    } else if (isMany) onPick(picked.includes(name) ? picked.filter((one) => one !== name) : [...picked, name]);
    else onPick([name]);
    setAt(index);
  }

  return (
    <div
      className="columns-list"
      role="listbox"
      aria-multiselectable
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={shown[active] ? `${id}-${active}` : undefined}
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step !== undefined) pick(Math.max(0, Math.min(shown.length - 1, active + step)), false, event.shiftKey);
        else if (event.key === " ") pick(active, true, false);
        else if (event.key === "a" && (event.ctrlKey || event.metaKey)) onPick(items.map((item) => item.name));
        else if (event.key === "Enter") onEnter(picked.length ? picked : shown[active] ? [shown[active].name] : []);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {shown.map((item, index) => (
        <div
          key={item.name}
          id={`${id}-${index}`}
          role="option"
          aria-selected={picked.includes(item.name)}
          className={`columns-item ${index === active ? "columns-item-active" : ""}`}
          onClick={(event) => pick(index, event.ctrlKey || event.metaKey, event.shiftKey)}
          onDoubleClick={() => onEnter([item.name])}
        >
          <span className="columns-name">{item.name}</span>
          <span className={`columns-type ${item.type === "not there" ? "columns-type-bad" : ""}`}>{item.type}</span>
        </div>
      ))}
      {items.length > SHOWN && <p className="columns-more">{items.length - SHOWN} more; search to see them.</p>}
      {items.length === 0 && <p className="columns-more">None.</p>}
    </div>
  );
}
