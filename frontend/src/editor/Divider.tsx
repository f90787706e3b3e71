// The line between editor and panes: dragged, or moved with the arrow keys.
import { useRef } from "react";

interface DividerProps {
  /** Share of the left side, percent. */
  share: number;
  onChange: (share: number) => void;
}

const LEAST = 25;
const MOST = 85;
const STEP = 3;

export function Divider({ share, onChange }: DividerProps) {
  const line = useRef<HTMLDivElement>(null);

  function within(value: number): number {
    return Math.min(MOST, Math.max(LEAST, value));
  }

  return (
    <div
      ref={line}
      className="editor-divider"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the script"
      aria-valuenow={Math.round(share)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") onChange(within(share - STEP));
        if (event.key === "ArrowRight") onChange(within(share + STEP));
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const whole = line.current?.parentElement?.getBoundingClientRect();
        if (!event.currentTarget.hasPointerCapture(event.pointerId) || !whole) return;
        onChange(within(((event.clientX - whole.left) / whole.width) * 100));
      }}
    />
  );
}
