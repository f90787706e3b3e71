// Lines over two numbers: one for each dataset, a faint one to compare with, and points that are marked on them.
import { BottomAxis, LeftAxis, labelWidth } from "./Axes";
import { linear, ticksOf, valueText } from "./axis";
import { ChartFrame } from "./ChartFrame";

export interface Line {
  name: string;
  /** What stands behind the name in the legend. */
  note: string;
  points: readonly (readonly [x: number, y: number])[];
  mark: readonly [x: number, y: number] | null;
}

interface LineChartProps {
  title: string;
  xName: string;
  yName: string;
  lines: Line[];
  /** Highest values of both axes; they begin at 0. */
  most: [x: number, y: number];
  /** A line to compare with: what a guess would give. */
  guess?: [from: [number, number], to: [number, number]];
  height?: number;
}

export function LineChart({ title, xName, yName, lines, most, guess, height = 270 }: LineChartProps) {
  const [top, bottom] = [8, height - 40];
  const yTicks = ticksOf("number", 0, most[1], 5);
  const legend = lines.map(({ name, note }) => [name, note].filter(Boolean).join(", ")).join("; ");
  return (
    <div className="line-chart">
      <ChartFrame
        title={title}
        summary={`${title}: ${yName} by ${xName}. ${legend}`}
        height={height}
        numbers={() => [["line", xName, yName], ...lines.flatMap((line) => line.points.map(([x, y]) => [line.name, String(x), String(y)]))]}
      >
        {({ width, point }) => {
          const left = labelWidth(yTicks) + 16;
          const right = width - 10;
          const x = linear(0, most[0], left, right);
          const y = linear(0, most[1], bottom, top);
          return (
            <>
              <LeftAxis ticks={yTicks} scale={y} x={left} right={right} top={top} bottom={bottom} name={yName} />
              <BottomAxis ticks={ticksOf("number", 0, most[0], Math.max(2, Math.floor((right - left) / 50)))} scale={x} left={left} right={right} y={bottom} name={xName} />
              {guess && <line className="chart-guess" x1={x(guess[0][0])} y1={y(guess[0][1])} x2={x(guess[1][0])} y2={y(guess[1][1])} />}
              {lines.map((line, index) => (
                <path key={line.name} className={`chart-series chart-series-${index + 1}`} d={pathOf(line.points, x, y)} />
              ))}
              {lines.map((line, index) => line.mark && (
                <circle key={line.name} className={`chart-mark chart-mark-${index + 1}`} cx={x(line.mark[0])} cy={y(line.mark[1])} r={5} />
              ))}
              <rect
                className="chart-hit"
                x={left}
                y={top}
                width={Math.max(0, right - left)}
                height={bottom - top}
                onMouseLeave={() => point(null)}
                onMouseMove={(event) => {
                  const box = event.currentTarget.getBoundingClientRect();
                  const at = { x: left + event.clientX - box.left, y: top + event.clientY - box.top };
                  const found = nearest(lines, at, x, y);
                  if (found === null) return point(null);
                  const [px, py] = found.point;
                  const told = `${found.line.name}\n${xName}: ${valueText("number", round(px))}\n${yName}: ${valueText("number", round(py))}`;
                  return point({ x: x(px), y: y(py), text: told });
                }}
              />
            </>
          );
        }}
      </ChartFrame>
      <ul className="line-chart-legend" aria-label={`Lines of ${title}`}>
        {lines.map(({ name, note }, index) => (
          <li key={name}>
            <svg width={22} height={10} aria-hidden>
              <line className={`chart-series chart-series-${index + 1}`} x1={0} x2={22} y1={5} y2={5} />
            </svg>
            <span className="line-chart-name" title={name}>
              {name}
            </span>
            {note && <span className="soft">{note}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

const round = (value: number): number => Number(value.toPrecision(5));

function pathOf(points: Line["points"], x: (value: number) => number, y: (value: number) => number): string {
  return points
    .filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
    .map(([px, py], at) => `${at === 0 ? "M" : "L"}${x(px).toFixed(1)} ${y(py).toFixed(1)}`)
    .join("");
}

const REACH = 40;

/** The point of any line that is nearest to a place, within reach. */
function nearest(lines: Line[], at: { x: number; y: number }, x: (value: number) => number, y: (value: number) => number) {
  let best: { line: Line; point: readonly [number, number] } | null = null;
  let least = REACH ** 2;
  for (const line of lines) {
    for (const point of line.points) {
      const far = (x(point[0]) - at.x) ** 2 + (y(point[1]) - at.y) ** 2;
      if (far < least) [least, best] = [far, { line, point }];
    }
  }
  return best;
}
