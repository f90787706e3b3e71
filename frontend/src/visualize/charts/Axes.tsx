// The axes of a chart: ticks with labels, faint lines across, and names.
import type { Scale, Tick } from "./axis";

interface BottomAxisProps {
  ticks: Tick[];
  scale: Scale;
  left: number;
  right: number;
  y: number;
  name?: string;
}

export function BottomAxis({ ticks, scale, left, right, y, name }: BottomAxisProps) {
  const shown = apart(ticks, scale);
  return (
    <g>
      <line className="chart-line" x1={left} x2={right} y1={y + 0.5} y2={y + 0.5} />
      {shown.map(({ at, label }) => {
        const x = scale(at);
        return (
          <g key={at}>
            <line className="chart-line" x1={x} x2={x} y1={y} y2={y + 4} />
            <text className="chart-label" textAnchor={anchor(x, left, right)} x={x} y={y + 15}>
              {label}
            </text>
          </g>
        );
      })}
      {name && (
        <text className="chart-name" textAnchor="middle" x={(left + right) / 2} y={y + 31}>
          {shortened(name, (right - left) / 6.2)}
        </text>
      )}
    </g>
  );
}

interface LeftAxisProps {
  ticks: Tick[];
  scale: Scale;
  x: number;
  right: number;
  top: number;
  bottom: number;
  name?: string;
}

export function LeftAxis({ ticks, scale, x, right, top, bottom, name }: LeftAxisProps) {
  return (
    <g>
      {ticks.map(({ at, label }) => {
        const y = Math.round(scale(at)) + 0.5;
        return (
          <g key={at}>
            <line className="chart-grid" x1={x} x2={right} y1={y} y2={y} />
            <text className="chart-label" textAnchor="end" x={x - 6} y={y + 3.5}>
              {label}
            </text>
          </g>
        );
      })}
      {name && (
        <text className="chart-name" textAnchor="middle" transform={`translate(10 ${(top + bottom) / 2}) rotate(-90)`}>
          {shortened(name, (bottom - top) / 6.2)}
        </text>
      )}
    </g>
  );
}

/** Width that the labels of a left axis need. */
export function labelWidth(ticks: Tick[]): number {
  return Math.max(...ticks.map(({ label }) => label.length), 1) * 6 + 10;
}

/** Cuts a text that would be longer than so many characters. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, Math.max(1, Math.floor(most) - 1)).join("")}…`;
}

function anchor(x: number, left: number, right: number): "start" | "middle" | "end" {
  if (x - left < 8) return "start";
  return right - x < 8 ? "end" : "middle";
}

function apart(ticks: Tick[], scale: Scale): Tick[] {
  const kept: Tick[] = [];
  let end = -Infinity;
  for (const tick of ticks) {
    const half = tick.label.length * 3.1;
    const x = scale(tick.at);
    if (x - half < end + 5) continue;
    kept.push(tick);
    end = x + half;
  }
  return kept;
}
