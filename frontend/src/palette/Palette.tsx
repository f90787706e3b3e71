// The list of what can be put on the canvas: search, categories, saved datasets; dragged, double-clicked or Enter [9-15].
import { PanelLeftClose, Search } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";

import { useDatasets, useModules } from "../api/queries";
import { addItem, canFollow, placeFor } from "../canvas/dropping";
import { freePlace, positionsOf } from "../canvas/arranging";
import { canvasView } from "../canvas/state";
import { byName, own } from "../document/records";
import { useDocument } from "../document/store";
import { IconButton } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { tell } from "../ui/Toast";
import { Asked } from "../ui/Waiting";
import { ItemCard } from "./ItemCard";
import { categories, datasetItems, isOpenAtFirst, moduleItems, type PaletteItem, type Row, rows, SERVICE_ITEMS } from "./items";
import "./palette.css";
import { onPaletteFocus } from "./focus";
import { PaletteRow } from "./PaletteRow";

const TOGGLED = "studiolo-palette";

export function Palette({ onHide }: { onHide: () => void }) {
  const modules = useModules();
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => onPaletteFocus(() => field.current?.focus()), []);
  const isReadOnly = useDocument((state) => state.isReadOnly);
  return (
    <div className="palette">
      <div className="palette-head">
        <div className="search palette-search">
          <Search size={14} aria-hidden />
          <input
            ref={field}
            className="input"
            type="search"
            aria-label="Search experiment items"
            placeholder="Search items"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "ArrowDown" && event.key !== "Enter") return;
              event.preventDefault();
              document.querySelector<HTMLElement>(`.palette-tree ${typed === "" ? '[tabindex="0"]' : ".palette-item"}`)?.focus();
            }}
          />
        </div>
        <IconButton label="Hide the list of modules" keys="Ctrl+B" onClick={onHide}>
          <PanelLeftClose size={17} aria-hidden />
        </IconButton>
      </div>
      <Asked query={modules} label="Loading the modules">
        {(found) => (
          <>
            {found.problems.map((problem, index) => (
              <ProblemBox key={index} problem={problem} />
            ))}
            <Tree items={moduleItems(found.modules)} typed={typed} isReadOnly={isReadOnly} />
          </>
        )}
      </Asked>
    </div>
  );
}

function Tree({ items, typed, isReadOnly }: { items: PaletteItem[]; typed: string; isReadOnly: boolean }) {
  const datasets = useDatasets();
  const [toggled, setToggled] = useState(readToggled);
  const [at, setAt] = useState(0);
  const [card, setCard] = useState<{ item: PaletteItem; place: DOMRect } | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const timer = useRef(0);
  const all = useMemo(() => categories([...items, ...datasetItems(datasets.data ?? []), ...SERVICE_ITEMS], typed), [items, datasets.data, typed]);
  const shown = useMemo(() => rows(all, (category) => typed !== "" || (own(toggled, category.path) ?? isOpenAtFirst(category))), [all, typed, toggled]);
  const focused = Math.min(at, shown.length - 1);

  function toggle(path: string, open: boolean): void {
    const next = { ...toggled, [path]: open };
    localStorage.setItem(TOGGLED, JSON.stringify(next));
    setToggled(next);
  }

  function move(to: number): void {
    const next = Math.max(0, Math.min(shown.length - 1, to));
    setAt(next);
    tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[next]?.focus();
  }

  function onKey(event: React.KeyboardEvent, row: Row, index: number): void {
    const isCategory = row.kind === "category";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") move(index + 1);
    else if (event.key === "ArrowUp") move(index - 1);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(shown.length - 1);
    else if (event.key === "ArrowRight" && isCategory) row.isOpen ? move(index + 1) : toggle(row.category.path, true);
    else if (event.key === "ArrowLeft" && isCategory && row.isOpen) toggle(row.category.path, false);
    else if (event.key === "ArrowLeft") move(shown.findLastIndex((one, place) => place < index && one.kind === "category" && one.depth < row.depth));
    else if (event.key === "Enter" || event.key === " ") isCategory ? toggle(row.category.path, !row.isOpen) : add(row.item);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function hover(item: PaletteItem | null, element: HTMLElement | null): void {
    window.clearTimeout(timer.current);
    if (item === null || element === null) return setCard(null);
    const place = element.getBoundingClientRect();
    timer.current = window.setTimeout(() => setCard({ item, place }), card ? 60 : 450);
    return undefined;
  }

  useEffect(() => () => window.clearTimeout(timer.current), []);

  return (
    <div ref={tree} className="palette-tree" role="tree" aria-label="Modules and datasets" onScroll={() => hover(null, null)} onDragStart={() => hover(null, null)}>
      {shown.map((row, index) => (
        <PaletteRow
          key={row.kind === "category" ? row.category.path : `${row.item.kind}:${row.item.id}`}
          row={row}
          isFocused={index === focused}
          isReadOnly={isReadOnly}
          onFocus={() => setAt(index)}
          onKey={(event) => onKey(event, row, index)}
          onToggle={toggle}
          onAdd={add}
          onHover={hover}
        />
      ))}
      {shown.length === 0 && <p className="palette-none">Nothing matches “{typed}”.</p>}
      {card && <ItemCard item={card.item} place={card.place} />}
    </div>
  );
}

/** The categories that somebody has opened or closed. */
function readToggled(): Record<string, boolean> {
  try {
    return byName(Object.entries(JSON.parse(localStorage.getItem(TOGGLED) ?? "{}") as Record<string, boolean>));
  } catch {
    return {};
  }
}

/** Adds an item near the selection, joined to the selected node where that fits [13]. */
function add(item: PaletteItem): void {
  const { document, selection, isReadOnly } = useDocument.getState();
  if (document === null || isReadOnly) return;
  const positions = positionsOf(document);
  const [only] = selection;
  const isService = item.kind === "service";
  const chosen = selection.length === 1 && only !== undefined ? only : null;
  const after = chosen !== null && item.kind === "module" && canFollow(chosen, item.id) ? chosen : null;
  const center = canvasView()?.center() ?? { x: 0, y: 0 };
  const beside = chosen === null ? center : (positions[chosen] ?? center);
  const at = isService
    ? freePlace({ x: beside.x, y: beside.y + (item.id === "input" ? -84 : 106) }, Object.values(positions))
    : placeFor(after, positions, center);
  const name = addItem(item, at, positions, null, isService ? chosen : after);
  if (name === "") return;
  tell(`${name} added${after === null ? "" : ` after ${after}`}.`);
  window.setTimeout(() => canvasView()?.reveal(name), 60);
}
