// A part of the panel that folds; which ones are open is remembered.
import { ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";

const KEY = "studiolo-panel-open";

function remembered(): Record<string, boolean> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, boolean>;
  } catch {
    return {};
  }
}

interface SectionProps {
  id: string;
  title: string;
  extra?: ReactNode;
  isOpen?: boolean;
  children: ReactNode;
}

export function Section({ id, title, extra, isOpen = true, children }: SectionProps) {
  const [open, setOpen] = useState(() => remembered()[id] ?? isOpen);
  const body = useId();

  function toggle(): void {
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), [id]: !open }));
    setOpen(!open);
  }

  return (
    <section className="panel-section">
      <h3 className="panel-section-head">
        <button type="button" aria-expanded={open} aria-controls={body} onClick={toggle}>
          <ChevronRight size={14} aria-hidden className="panel-section-arrow" />
          {title}
          {extra && <span className="panel-section-extra">{extra}</span>}
        </button>
      </h3>
      {open && (
        <div id={body} className="panel-section-body">
          {children}
        </div>
      )}
    </section>
  );
}
