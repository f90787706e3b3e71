// Boxes one below the other: the middle half with the median, whiskers to the last values near it.
import { count } from "../../ui/quantities";
import { BottomAxis, shortened } from "./Axes";
import { type AxisKind, linear, ticksOf, valueText } from "./axis";
import { ChartFrame } from "./ChartFrame";

export interface Box {
  label: string;
  count: number;
  low: number;
  q1: number;
  median: number;
  q3: number;
  high: number;
}

interface BoxPlotsProps {
  title: string;
  name: string;
  category?: string;
  kind: AxisKind;
  boxes: Box[];
  note?: string;
}

const ROW = 30;
const HALF = 9;

export function BoxPlots({ title, name, category, kind, boxes, note }: BoxPlotsProps) {
  const low = Math.min(...boxes.map((box) => box.low));
  const high = Math.max(...boxes.map((box) => box.high));
  const room = (high - low) * 0.03 || Math.abs(low) * 0.05 || 1;
  const top = category ? 20 : 4;
  const bottom = top + boxes.length * ROW + (category ? 4 : 24);
  return (
    <ChartFrame
      title={title}
      summary={`${title}: ${boxes.map((box) => `${box.label} median ${valueText(kind, box.median)}`).slice(0, 12).join(", ")}`}
      height={bottom + 40}
      numbers={() => [
        ["value", "count", "low", "q1", "median", "q3", "high"],
        ...boxes.map((box) => [box.label, ...[box.count, box.low, box.q1, box.median, box.q3, box.high].map(String)]),
      ]}
      note={note}
    >
      {({ width, point }) => {
        const left = category ? Math.min(width * 0.36, Math.max(40, ...boxes.map((box) => box.label.length * 6.4 + 12))) : 8;
        const right = width - 8;
        const x = linear(low - room, high + room, left, right);
        const ticks = ticksOf(kind, low - room, high + room, Math.max(2, Math.floor((right - left) / 55)));
        return (
          <>
            {ticks.map(({ at }) => (
              <line key={at} className="chart-grid" x1={x(at)} x2={x(at)} y1={top} y2={bottom} />
            ))}
            {category && (
              <text className="chart-name" textAnchor="end" x={left - 8} y={13}>
                {shortened(category, (left - 8) / 6.2)}
              </text>
            )}
            {boxes.map((box, index) => {
              const middle = top + (index + 0.5) * (category ? ROW : ROW + 20);
              const half = category ? HALF : HALF + 7;
              return (
                <g key={index} className="chart-bar-group" onMouseEnter={() => point({ x: x(box.median), y: middle - half, text: told(box, kind) })}>
                  <rect className="chart-hit" x={0} width={width} y={middle - half - 5} height={2 * half + 10} />
                  {category && (
                    <text className="chart-label" textAnchor="end" x={left - 8} y={middle + 4}>
                      {shortened(box.label === "" ? "(empty text)" : box.label, (left - 10) / 6.2)}
                    </text>
                  )}
                  <line className="chart-whisker" x1={x(box.low)} x2={x(box.q1)} y1={middle} y2={middle} />
                  <line className="chart-whisker" x1={x(box.q3)} x2={x(box.high)} y1={middle} y2={middle} />
                  <line className="chart-whisker" x1={x(box.low)} x2={x(box.low)} y1={middle - half / 2} y2={middle + half / 2} />
                  <line className="chart-whisker" x1={x(box.high)} x2={x(box.high)} y1={middle - half / 2} y2={middle + half / 2} />
                  <rect className="chart-box-middle" x={x(box.q1)} width={Math.max(1, x(box.q3) - x(box.q1))} y={middle - half} height={2 * half} rx={2} />
                  <line className="chart-median" x1={x(box.median)} x2={x(box.median)} y1={middle - half} y2={middle + half} />
                </g>
              );
            })}
            <BottomAxis ticks={ticks} scale={x} left={left} right={right} y={bottom} name={name} />
          </>
        );
      }}
    </ChartFrame>
  );
}

function told(box: Box, kind: AxisKind): string {
  return [
    box.label,
    `${count(box.count)} rows`,
    `median ${valueText(kind, box.median)}`,
    `middle half ${valueText(kind, box.q1)} to ${valueText(kind, box.q3)}`,
    `whiskers ${valueText(kind, box.low)} to ${valueText(kind, box.high)}`,
  ].join("\n");
}
