// Whether a service answers, as a mark with its word.
import { Ban, CircleCheck, CircleX, LoaderCircle } from "lucide-react";

import type { Service } from "../api/types";
import "../ui/state-mark.css";

const KINDS = {
  answering: { look: "good", Icon: CircleCheck, word: "answers" },
  loading: { look: "running", Icon: LoaderCircle, word: "is being loaded" },
  failed: { look: "bad", Icon: CircleX, word: "can't be loaded" },
  retired: { look: "soft", Icon: Ban, word: "retired" },
} as const;

export function ServiceState({ state }: { state: Service["state"] }) {
  const { look, Icon, word } = KINDS[state];
  return (
    <span className={`state-mark state-mark-${look}`}>
      <Icon size={16} aria-hidden />
      <span className="state-mark-text">{word}</span>
    </span>
  );
}

/** Which versions answer, in words. */
export function answeringVersions(service: Service): string {
  const shares = Object.entries(service.traffic).filter(([, share]) => share > 0);
  if (shares.length > 1) return shares.map(([number, share]) => `${number}: ${share} %`).join(", ");
  return String(service.live);
}
