// The mark of a node's or run's state: an icon with its name, the same everywhere [37].
import { Ban, CircleCheck, CircleDashed, CircleSlash, CircleX, Clock3, LoaderCircle, Unplug } from "lucide-react";
import type { ComponentType } from "react";

import "./state-mark.css";

interface Kind {
  label: string;
  look: string;
  Icon: ComponentType<{ size: number; "aria-hidden": true }>;
}

const KINDS: Record<string, Kind> = {
  "not-run": { label: "not run", look: "faint", Icon: CircleDashed },
  waiting: { label: "waiting", look: "soft", Icon: Clock3 },
  running: { label: "running", look: "running", Icon: LoaderCircle },
  finished: { label: "finished", look: "good", Icon: CircleCheck },
  reused: { label: "reused", look: "reused", Icon: CircleCheck },
  failed: { label: "failed", look: "bad", Icon: CircleX },
  skipped: { label: "skipped", look: "soft", Icon: CircleSlash },
  cancelled: { label: "cancelled", look: "soft", Icon: Ban },
  interrupted: { label: "interrupted", look: "warn", Icon: Unplug },
};

export function stateLabel(state: string): string {
  return KINDS[state]?.label ?? state;
}

export function StateMark({ state, size = 16, withText = false }: { state: string; size?: number; withText?: boolean }) {
  const { label, look, Icon } = KINDS[state] ?? { label: state, look: "soft", Icon: CircleDashed };
  return (
    <span className={`state-mark state-mark-${look}`} role="img" aria-label={label} title={label}>
      <Icon size={size} aria-hidden={true} />
      {withText && <span className="state-mark-text">{label}</span>}
    </span>
  );
}
