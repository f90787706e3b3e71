// The card beside a palette's item: what it is for, what goes in and comes out [14].
import { createPortal } from "react-dom";

import type { PaletteItem } from "./items";

export function ItemCard({ item, place }: { item: PaletteItem; place: DOMRect }) {
  const top = Math.min(place.top - 6, window.innerHeight - 260);
  return createPortal(
    <div className="palette-card" style={{ left: place.right + 10, top: Math.max(8, top) }} aria-hidden>
      <strong>{item.label}</strong>
      {item.summary && <p>{item.summary}</p>}
      {secondParagraph(item) && <p className="soft">{secondParagraph(item)}</p>}
      {item.note && <p className="palette-card-note">{item.note}</p>}
    </div>,
    document.body,
  );
}

function secondParagraph({ description, summary }: PaletteItem): string {
  const rest = description.startsWith(summary) ? description.slice(summary.length) : description;
  const first = rest.trim().split(/\n\s*\n/)[0] ?? "";
  return (/^(Example:|\|)/.test(first) ? "" : first).replaceAll("\n", " ").replaceAll("`", "").slice(0, 360);
}
