// How far predictions are off: bars of predicted minus actual, one behind the other for each dataset.
import { plural } from "../../ui/quantities";
import { BottomAxis, labelWidth, LeftAxis } from "../charts/Axes";
import { linear, numberTicks, valueText } from "../charts/axis";
import { ChartFrame } from "../charts/ChartFrame";
import type { ErrorBins } from "./evaluating";

const HEIGHT = 340;

export function ErrorHistogram({ errors, nameOf }: { errors: ErrorBins[]; nameOf: (dataset: number) => string }) {
  const bins = errors.flatMap((one) => one.bins).filter(({ from, to }) => Number.isFinite(from) && Number.isFinite(to));
  const low = Math.min(...bins.map(({ from }) => from));
  const high = Math.max(...bins.map(({ to }) => to));
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const [top, bottom] = [8, HEIGHT - 40];
  const ticks = numberTicks(0, most, 5).filter(({ at }) => Number.isInteger(at));
  if (bins.length === 0) return <p className="evaluation-none soft">There are no errors to draw.</p>;
  return (
    <section className="evaluation-part">
      <ChartFrame
        title="Errors of the predictions"
        summary={`Histogram of predicted minus actual for ${errors.map((one) => nameOf(one.dataset)).join(" and ")}`}
        height={HEIGHT}
        numbers={() => [
          ["dataset", "from", "to", "count"],
          ...errors.flatMap((one) => one.bins.map((bin) => [nameOf(one.dataset), ...[bin.from, bin.to, bin.count].map(String)])),
        ]}
        note="Left of 0 the prediction is too low, right of 0 too high."
      >
        {({ width, point }) => {
          const left = labelWidth(ticks) + 16;
          const right = width - 8;
          const x = linear(low, high, left, right);
          const y = linear(0, most, bottom, top);
          return (
            <>
              <LeftAxis ticks={ticks} scale={y} x={left} right={right} top={top} bottom={bottom} name="rows" />
              {errors.flatMap((one, index) =>
                one.bins.map((bin) => {
                  const whole = x(bin.to) - x(bin.from);
                  const wide = Math.max(1, (whole - 1) / errors.length);
                  const begin = x(bin.from) + 0.5 + index * wide;
                  const up = bin.count > 0 ? Math.min(y(bin.count), bottom - 1) : bottom;
                  const told = `${nameOf(one.dataset)}\n${valueText("number", bin.from)} to ${valueText("number", bin.to)}\n${plural(bin.count, "row")}`;
                  return (
                    <g key={`${one.dataset} ${bin.from}`} onMouseEnter={() => point({ x: begin + wide / 2, y: up, text: told })}>
                      <rect className="chart-hit" x={begin} width={wide} y={top} height={bottom - top} />
                      <rect className={`chart-errors chart-errors-${index + 1}`} x={begin} width={wide} y={up} height={bottom - up} />
                    </g>
                  );
                }),
              )}
              {low < 0 && high > 0 && <line className="chart-guess" x1={x(0)} x2={x(0)} y1={top} y2={bottom} />}
              <BottomAxis ticks={numberTicks(low, high, Math.max(2, Math.floor((right - left) / 70)))} scale={x} left={left} right={right} y={bottom} name="predicted minus actual" />
            </>
          );
        }}
      </ChartFrame>
      <ul className="line-chart-legend" aria-label="Datasets">
        {errors.map((one, index) => (
          <li key={one.dataset}>
            <svg width={12} height={12} aria-hidden>
              <rect className={`chart-errors chart-errors-${index + 1}`} width={12} height={12} rx={2} />
            </svg>
            <span className="line-chart-name">{nameOf(one.dataset)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
