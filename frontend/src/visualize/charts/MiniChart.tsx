// The small picture of a column in the table's head: its histogram or its box.
import type { ColumnStatistics } from "../../api/types";
import { count } from "../../ui/quantities";
import { linear } from "./axis";
import "./charts.css";

interface MiniChartProps {
  statistics: ColumnStatistics | undefined;
  look: "histogram" | "box";
  width: number;
  height: number;
}

export function MiniChart({ statistics, look, width, height }: MiniChartProps) {
  if (statistics === undefined) return <div className="chart-mini-waiting" />;
  const box = look === "box" ? boxOf(statistics) : null;
  const missing = statistics.missing > 0 ? `, ${count(statistics.missing)} missing` : "";
  return (
    <svg className="chart-mini" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${box ? "box plot" : "histogram"} of ${statistics.name}${missing}`}>
      {box ? <MiniBox box={box} width={width} height={height} /> : <MiniBars bins={statistics.bins} width={width} height={height} />}
    </svg>
  );
}

function MiniBars({ bins, width, height }: { bins: ColumnStatistics["bins"]; width: number; height: number }) {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const step = Math.min(width / Math.max(1, bins.length), 26);
  const gap = step > 4 ? 1 : 0;
  return (
    <>
      {bins.map((bin, index) => {
        const size = bin.count === 0 ? 0 : Math.max(1, (bin.count / most) * (height - 2));
        return (
          <rect key={index} className="chart-bar" x={index * step} width={Math.max(0.5, step - gap)} y={height - size} height={size}>
            <title>{`${bin.label}: ${count(bin.count)}`}</title>
          </rect>
        );
      })}
      <line className="chart-line" x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
    </>
  );
}

interface FiveNumbers {
  low: number;
  q1: number;
  median: number;
  q3: number;
  high: number;
}

/** The five numbers of a column; whiskers at its smallest and greatest value. */
export function boxOf(statistics: ColumnStatistics): FiveNumbers | null {
  const { min, max, quartiles } = statistics;
  const [q1, median, q3] = quartiles ?? [];
  if (typeof min !== "number" || typeof max !== "number") return null;
  if (q1 === undefined || median === undefined || q3 === undefined) return null;
  return { low: min, q1, median, q3, high: max };
}

function MiniBox({ box, width, height }: { box: FiveNumbers; width: number; height: number }) {
  const x = linear(box.low, box.high, 2, width - 2);
  const middle = Math.round(height / 2) + 0.5;
  return (
    <>
      <line className="chart-whisker" x1={x(box.low)} x2={x(box.high)} y1={middle} y2={middle} />
      {[box.low, box.high].map((end, index) => (
        <line key={index} className="chart-whisker" x1={x(end)} x2={x(end)} y1={middle - 5} y2={middle + 5} />
      ))}
      <rect className="chart-box-middle" x={x(box.q1)} width={Math.max(1, x(box.q3) - x(box.q1))} y={middle - 9} height={18} rx={1.5} />
      <line className="chart-median" x1={x(box.median)} x2={x(box.median)} y1={middle - 9} y2={middle + 9} />
    </>
  );
}
