// What a port holds, in few characters and in a sentence.
import type { NodeStatus, Port, PortResult } from "../api/types";
import { holdsOf, portLabel } from "../document/graph";
import { bytes, duration, plural } from "../ui/quantities";

const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** "768 × 9"; "" for what has no rows. */
export function shape(result: PortResult): string {
  if (result.rows === null || result.columns === null || result.rows === undefined) return "";
  const short = (value: number): string => (value < 10_000 ? String(value) : SHORT.format(value));
  return `${short(result.rows)} × ${short(result.columns ?? 0)}`;
}

/** Lines of a port's tooltip: name and type, what it holds, how long that took [23, 42]. */
export function portLines(port: Port, side: "input" | "output", status: NodeStatus | undefined): string[] {
  const name = portLabel(port) === port.name ? port.name : `${portLabel(port)} (${port.name})`;
  const lines = [`${name}: ${holdsOf(port)}${side === "input" && port.optional ? ", optional" : ""}`];
  const result = side === "output" ? status?.outputs[port.name] : undefined;
  if (!result) return lines;
  const facts = [bytes(result.size)];
  if (result.rows !== null && result.rows !== undefined) {
    facts.unshift(plural(result.rows, "row"), plural(result.columns ?? 0, "column"));
  }
  if (status?.started && status.ended) facts.push(`made in ${duration(status.ended - status.started)}`);
  lines.push(facts.join(" · "));
  if (result.receipts > 0) lines.push(`${plural(result.receipts, "change")} of data at the border (type receipt)`);
  if (status?.is_current === false) lines.push("From before the last edit");
  return lines;
}
