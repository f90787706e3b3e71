// The bars of one column: ranges of numbers and times upright, values of a category lying, most frequent first.
import type { ColumnStatistics } from "../../api/types";
import { count, plural } from "../../ui/quantities";
import { BottomAxis, labelWidth, LeftAxis, shortened } from "./Axes";
import { type AxisKind, linear, logarithmic, logTicks, numberTicks, ticksOf, valueText } from "./axis";
import { type ChartDrawing, ChartFrame } from "./ChartFrame";

type Bin = ColumnStatistics["bins"][number];

interface HistogramProps {
  name: string;
  bins: Bin[];
  otherValues: number;
  kind: AxisKind;
  hasLogFrequency: boolean;
  hasLogValues: boolean;
}

export function Histogram(props: HistogramProps) {
  const { name, bins, otherValues, hasLogFrequency } = props;
  const isRange = bins.length > 0 && bins.every((bin) => bin.low != null && bin.high != null);
  const most = Math.max(...bins.map((bin) => bin.count), 0);
  const told = hasLogFrequency ? "frequency (log scale)" : "frequency";
  const notes = [];
  if (otherValues > 0) {
    notes.push(isRange ? `Not drawn: ${plural(otherValues, "infinite value")}.` : `${plural(otherValues, "row")} with other values.`);
  }
  return (
    <ChartFrame
      title={`${name} – histogram`}
      summary={`Histogram of ${name}: ${bins.length} bars, the largest with ${count(most)} rows`}
      height={isRange ? 220 : Math.max(1, bins.length) * 22 + 8}
      numbers={() => [["value", "low", "high", "count"], ...bins.map((bin) => [bin.label, bin.low ?? "", bin.high ?? "", bin.count].map(String))]}
      note={notes.length > 0 ? notes.join(" ") : undefined}
    >
      {(drawing) => (isRange ? <Ranges {...props} most={most} told={told} drawing={drawing} /> : <Values {...props} most={most} drawing={drawing} />)}
    </ChartFrame>
  );
}

interface DrawnProps extends HistogramProps {
  most: number;
  drawing: ChartDrawing;
}

function Ranges({ name, bins, kind, hasLogFrequency, hasLogValues, most, told, drawing }: DrawnProps & { told: string }) {
  const [top, bottom] = [8, 220 - 40];
  const low = bins[0]?.low ?? 0;
  const high = bins.at(-1)?.high ?? 0;
  const ticks = hasLogFrequency ? [{ at: 0.5, label: "0" }, ...logTicks(1, Math.max(most, 2), 4)] : wholeTicks(most);
  const left = labelWidth(ticks) + 16;
  const right = drawing.width - 8;
  const y = hasLogFrequency ? logarithmic(0.5, Math.max(most, 2), bottom, top) : linear(0, Math.max(most, 1), bottom, top);
  const x = hasLogValues && low > 0 ? logarithmic(low, high, left, right) : linear(low, high, left, right);
  const below = hasLogValues && low > 0 ? logTicks(low, high, 4) : ticksOf(kind, low, high, Math.max(2, Math.floor((right - left) / 62)));
  return (
    <>
      <LeftAxis ticks={ticks} scale={y} x={left} right={right} top={top} bottom={bottom} name={told} />
      {bins.map((bin, index) => {
        const [from, to] = low === high ? [left, right] : [x(bin.low ?? 0), x(bin.high ?? 0)];
        const gap = to - from > 6 ? 1 : to - from > 3 ? 0.5 : 0;
        const up = bin.count > 0 ? Math.min(y(bin.count), bottom - 1) : bottom;
        const end = index === bins.length - 1 ? "]" : ")";
        const said = low === high ? valueText(kind, low) : `[${valueText(kind, bin.low ?? 0)}, ${valueText(kind, bin.high ?? 0)}${end}`;
        const point = (): void => drawing.point({ x: (from + to) / 2, y: up, text: `${said}\n${count(bin.count)} rows` });
        return (
          <g key={index} className="chart-bar-group" onMouseEnter={point}>
            <rect className="chart-hit" x={from} width={Math.max(0, to - from)} y={top} height={bottom - top} />
            <rect className="chart-bar" x={from + gap} width={Math.max(0.5, to - from - 2 * gap)} y={up} height={bottom - up} />
          </g>
        );
      })}
      <BottomAxis ticks={below} scale={x} left={left} right={right} y={bottom} name={name} />
    </>
  );
}

function Values({ bins, hasLogFrequency, most, drawing }: DrawnProps) {
  const labels = Math.min(drawing.width * 0.45, Math.max(40, ...bins.map((bin) => bin.label.length * 6.4 + 10)));
  const counts = count(most).length * 6.4 + 8;
  const right = drawing.width - counts;
  const x = hasLogFrequency ? logarithmic(0.5, Math.max(most, 2), labels, right) : linear(0, Math.max(most, 1), labels, right);
  return bins.map((bin, index) => {
    const y = index * 22 + 4;
    const end = Math.max(x(bin.count), labels + 1);
    const label = bin.label === "" ? "(empty text)" : bin.label;
    return (
      <g
        key={index}
        className="chart-bar-group"
        onMouseEnter={() => drawing.point({ x: (labels + end) / 2, y, text: `${shortened(label, 200)}\n${count(bin.count)} rows` })}
      >
        <rect className="chart-hit" x={0} width={drawing.width} y={y} height={22} />
        <text className="chart-label" textAnchor="end" x={labels - 6} y={y + 14}>
          {shortened(label, (labels - 8) / 6)}
        </text>
        <rect className="chart-bar" x={labels} width={end - labels} y={y + 2} height={17} rx={1.5} />
        <text className="chart-label" x={end + 5} y={y + 14}>
          {count(bin.count)}
        </text>
      </g>
    );
  });
}

/** Ticks of a count: whole numbers only. */
function wholeTicks(most: number) {
  return numberTicks(0, Math.max(most, 1), 4).filter(({ at }) => Number.isInteger(at));
}
