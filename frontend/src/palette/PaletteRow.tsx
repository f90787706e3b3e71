// A row of the palette: a category that opens and closes, or an item with a grip to drag it by.
import { BrainCircuit, ChevronRight, Globe, GripVertical, Table2 } from "lucide-react";

import { MODULE_DRAG } from "../canvas/dropping";
import { iconOf } from "../canvas/icons";
import { MODELS, type PaletteItem, type Row } from "./items";

interface PaletteRowProps {
  row: Row;
  isFocused: boolean;
  isReadOnly: boolean;
  onFocus: () => void;
  onKey: (event: React.KeyboardEvent) => void;
  onToggle: (path: string, open: boolean) => void;
  onAdd: (item: PaletteItem) => void;
  onHover: (item: PaletteItem | null, element: HTMLElement | null) => void;
}

export function PaletteRow(props: PaletteRowProps) {
  const { row, isFocused, isReadOnly, onFocus, onKey, onToggle, onAdd, onHover } = props;
  const shared = {
    role: "treeitem",
    tabIndex: isFocused ? 0 : -1,
    "aria-level": row.depth + 1,
    style: { paddingLeft: 6 + row.depth * 12 },
    onFocus,
    onKeyDown: onKey,
  };
  if (row.kind === "category") {
    const { category, isOpen } = row;
    return (
      <div {...shared} className="palette-category" aria-expanded={isOpen} onClick={() => onToggle(category.path, !isOpen)}>
        <ChevronRight size={14} aria-hidden className={isOpen ? "is-open" : ""} />
        <span>{category.name}</span>
        <span className="palette-count" aria-hidden>
          {category.count}
        </span>
      </div>
    );
  }
  const { item } = row;
  const Icon = item.kind === "dataset" ? (item.category === MODELS ? BrainCircuit : Table2) : item.kind === "service" ? Globe : iconOf(item.id, item.category);
  return (
    <div
      {...shared}
      className={`palette-item palette-item-${item.kind}`}
      aria-label={item.label}
      aria-description={item.summary || undefined}
      draggable={!isReadOnly}
      onDragStart={(event) => {
        event.dataTransfer.setData(MODULE_DRAG, JSON.stringify({ kind: item.kind, id: item.id }));
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDoubleClick={() => onAdd(item)}
      onPointerEnter={(event) => event.pointerType === "mouse" && onHover(item, event.currentTarget)}
      onPointerLeave={() => onHover(null, null)}
      onPointerDown={() => onHover(null, null)}
    >
      <Icon size={16} aria-hidden className="palette-item-icon" />
      <span className="palette-item-label">{item.label}</span>
      <GripVertical size={14} aria-hidden className="palette-grip" />
    </div>
  );
}
