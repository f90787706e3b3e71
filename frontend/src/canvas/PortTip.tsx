// One tooltip for everything on the canvas: ports by what they hold, marks by their text; for pointer and focus.
import { type RefObject, useEffect, useState } from "react";

import type { NodeData } from "./boxes";
import { nameOf } from "./boxes";
import { startOf } from "./linking";
import { portLines } from "./results";
import { useCanvas } from "./state";

interface Tip {
  lines: string[];
  x: number;
  y: number;
  isAbove: boolean;
}

interface PortTipProps {
  root: RefObject<HTMLElement | null>;
  data: RefObject<Map<string, NodeData>>;
}

const DELAY_MS = 250;

export function PortTip({ root, data }: PortTipProps) {
  const [tip, setTip] = useState<Tip | null>(null);

  useEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    let timer = 0;
    function show(event: Event): void {
      window.clearTimeout(timer);
      const target = (event.target as Element).closest("[data-port], [data-tip]");
      if (target === null || event.type === "pointerdown") return setTip(null);
      if (event.type === "focusin" && !target.matches(":focus-visible")) return undefined;
      const found = tipFor(target, data.current);
      timer = window.setTimeout(() => setTip(found), useCanvas.getState().link ? 0 : DELAY_MS);
      return undefined;
    }
    const hide = (): void => {
      window.clearTimeout(timer);
      setTip(null);
    };
    const shows = ["pointerover", "focusin", "pointerdown"];
    const hides = ["focusout", "pointerleave", "wheel", "keydown"];
    for (const name of shows) element.addEventListener(name, show);
    for (const name of hides) element.addEventListener(name, hide, { passive: true });
    return () => {
      hide();
      for (const name of shows) element.removeEventListener(name, show);
      for (const name of hides) element.removeEventListener(name, hide);
    };
  }, [root, data]);

  if (tip === null) return null;
  return (
    <div role="tooltip" className={`tooltip canvas-tip ${tip.isAbove ? "is-above" : ""}`} style={{ left: tip.x, top: tip.y }}>
      {tip.lines.map((line, index) => (
        <div key={index} className={index === 0 ? "canvas-tip-head" : ""}>
          {line}
        </div>
      ))}
    </div>
  );
}

function tipFor(element: Element, data: Map<string, NodeData>): Tip | null {
  const box = element.getBoundingClientRect();
  const isAbove = element.getAttribute("data-side") === "input";
  const at = { x: box.x + box.width / 2, y: isAbove ? box.y - 8 : box.bottom + 8, isAbove };
  const text = element.getAttribute("data-tip");
  if (text !== null) return text === "" ? null : { lines: text.split("\n"), ...at };
  const start = startOf(element);
  if (start === null) return null;
  const node = data.get(nameOf(start.box) ?? "");
  if (node === undefined) return { lines: ["Data: dataset"], ...at };
  const port = (start.side === "input" ? node.inputs : node.outputs).find((one) => one.name === start.port);
  return port ? { lines: portLines(port, start.side, node.status), ...at } : null;
}
