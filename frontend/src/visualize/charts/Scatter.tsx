// Two numbers of each row as points.
import type { Scatter as ScatterData } from "../../api/types";
import { count } from "../../ui/quantities";
import { BottomAxis, LeftAxis, labelWidth } from "./Axes";
import { type AxisKind, linear, ticksOf, valueText } from "./axis";
import { ChartFrame } from "./ChartFrame";

interface ScatterProps {
  data: ScatterData;
  xName: string;
  yName: string;
  xKind: AxisKind;
  yKind: AxisKind;
}

const HEIGHT = 290;

export function Scatter({ data, xName, yName, xKind, yKind }: ScatterProps) {
  const [xLow, xHigh] = padded(data.x);
  const [yLow, yHigh] = padded(data.y);
  const [top, bottom] = [8, HEIGHT - 42];
  const ticks = ticksOf(yKind, yLow, yHigh, 5);
  const told = data.is_sample ? `${count(data.x.length)} of ${count(data.rows)} rows, spread evenly.` : `${count(data.rows)} rows.`;
  return (
    <ChartFrame
      title={`${xName} – ${yName}`}
      summary={`Scatter plot of ${yName} against ${xName}, ${told}`}
      height={HEIGHT}
      numbers={() => [[xName, yName], ...data.x.map((x, index) => [String(x), String(data.y[index])])]}
      note={told}
    >
      {({ width, point }) => {
        const left = labelWidth(ticks) + 16;
        const right = width - 8;
        const x = linear(xLow, xHigh, left, right);
        const y = linear(yLow, yHigh, bottom, top);
        const look = data.x.length > 600 ? "chart-point chart-point-many" : "chart-point";
        return (
          <>
            <LeftAxis ticks={ticks} scale={y} x={left} right={right} top={top} bottom={bottom} name={yName} />
            <BottomAxis ticks={ticksOf(xKind, xLow, xHigh, Math.max(2, Math.floor((right - left) / 62)))} scale={x} left={left} right={right} y={bottom} name={xName} />
            {data.x.map((value, index) => {
              const other = data.y[index] ?? 0;
              const [cx, cy] = [x(value), y(other)];
              return (
                <circle
                  key={index}
                  className={look}
                  cx={cx}
                  cy={cy}
                  r={data.x.length > 600 ? 2 : 2.75}
                  onMouseEnter={() => point({ x: cx, y: cy, text: `${xName}: ${valueText(xKind, value)}\n${yName}: ${valueText(yKind, other)}` })}
                />
              );
            })}
          </>
        );
      }}
    </ChartFrame>
  );
}

function padded(values: number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  const room = high / 2 - low / 2 < 1e300 ? (high - low) * 0.03 || Math.abs(low) * 0.05 || 1 : 0;
  return [low - room, high + room];
}
