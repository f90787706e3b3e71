// The line between two panes: dragged, or moved by arrow keys; the width is remembered.
import { useRef, useState } from "react";

interface SplitterProps {
  label: string;
  width: number;
  /** Which side of the line is resized. */
  side: "left" | "right";
  least: number;
  most: number;
  onChange: (width: number) => void;
}

export function Splitter({ label, width, side, least, most, onChange }: SplitterProps) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const sign = side === "left" ? 1 : -1;
  const within = (value: number): number => Math.round(Math.min(most, Math.max(least, value)));
  return (
    <div
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (start.current) onChange(within(start.current.width + sign * (event.clientX - start.current.x)));
      }}
      onPointerUp={() => (start.current = null)}
      onKeyDown={(event) => {
        const step = event.shiftKey ? 60 : 16;
        if (event.key === "ArrowLeft") onChange(within(width - sign * step));
        else if (event.key === "ArrowRight") onChange(within(width + sign * step));
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}

/** A number that the browser remembers. */
export function useRemembered(key: string, first: number): [number, (value: number) => void] {
  const name = `studiolo-${key}`;
  const [value, setValue] = useState(() => Number(localStorage.getItem(name)) || first);
  return [
    value,
    (next) => {
      localStorage.setItem(name, String(next));
      setValue(next);
    },
  ];
}
