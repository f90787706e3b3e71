// The curves of two classes, and a threshold that moves over them: what it would make of the rows.
import { useId, useState } from "react";

import { type Line, LineChart } from "../charts/LineChart";
import { classNames, type Confusion, type Curve, type CurvePoint, type Metric, pointAt, thresholdRange } from "./evaluating";
import { metricText } from "./MetricsTable";
import { ThresholdMatrix } from "./ThresholdMatrix";

interface TwoClassesProps {
  curves: Curve[];
  confusions: Confusion[];
  metrics: Metric[];
  nameOf: (dataset: number) => string;
}

export function TwoClasses({ curves, confusions, metrics, nameOf }: TwoClassesProps) {
  const [low, high] = thresholdRange(curves);
  const [threshold, setThreshold] = useState((low + high) / 2);
  const points = curves.map((curve) => pointAt(curve.points, threshold));
  const areas = metrics.find(({ name }) => name === "AUC")?.values ?? [];
  const highest = Math.max(1, ...curves.flatMap((curve) => curve.points.map(({ lift }) => lift).filter(Number.isFinite)));
  const lines = (x: keyof CurvePoint, y: keyof CurvePoint, note: (dataset: number) => string = () => ""): Line[] =>
    curves.map((curve, at) => {
      const point = points[at];
      return {
        name: nameOf(curve.dataset),
        note: note(curve.dataset),
        points: curve.points.map((one) => [one[x], one[y]] as const),
        mark: point ? [point[x], point[y]] : null,
      };
    });
  const area = (dataset: number): string => {
    const value = areas[dataset - 1];
    return value === null || value === undefined ? "" : `AUC ${metricText(value)}`;
  };
  return (
    <>
      <div className="evaluation-curves">
        <LineChart
          title="ROC curve"
          xName="False positive rate"
          yName="True positive rate"
          lines={lines("falsePositiveRate", "recall", area)}
          most={[1, 1]}
          guess={[[0, 0], [1, 1]]}
        />
        <LineChart title="Precision and recall" xName="Recall" yName="Precision" lines={lines("recall", "precision")} most={[1, 1]} />
        <LineChart
          title="Lift"
          xName="Share of rows called positive"
          yName="Lift"
          lines={lines("positiveRate", "lift")}
          most={[1, highest * 1.05]}
          guess={[[0, 1], [1, 1]]}
        />
      </div>
      <section className="evaluation-part">
        <Slider low={low} high={high} value={threshold} points={points} nameOf={(at) => nameOf(curves[at]?.dataset ?? at + 1)} onChange={setThreshold} />
        <div className="evaluation-matrices">
          {curves.map((curve, at) => {
            const point = points[at];
            const confusion = confusions.find(({ dataset }) => dataset === curve.dataset);
            return (
              point && (
                <ThresholdMatrix
                  key={curve.dataset}
                  dataset={curve.dataset}
                  name={nameOf(curve.dataset)}
                  point={point}
                  classes={classNames(confusion, curve)}
                />
              )
            );
          })}
        </div>
      </section>
    </>
  );
}

interface SliderProps {
  low: number;
  high: number;
  value: number;
  points: (CurvePoint | null)[];
  nameOf: (at: number) => string;
  onChange: (value: number) => void;
}

function Slider({ low, high, value, points, nameOf, onChange }: SliderProps) {
  const id = useId();
  const shown = Number(value.toPrecision(4));
  const told = points
    .map((point, at) => point && `${nameOf(at)}: precision ${metricText(point.precision)}, recall ${metricText(point.recall)}`)
    .filter(Boolean)
    .join("; ");
  return (
    <div className="evaluation-slider">
      <label htmlFor={id}>Threshold</label>
      <input
        id={id}
        type="range"
        min={low}
        max={high}
        step={(high - low) / 100}
        value={value}
        aria-valuetext={`${shown}. ${told}`}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output htmlFor={id} className="number">
        {shown.toFixed(high - low <= 1 ? 2 : 1)}
      </output>
      <span className="soft">Rows with more than this score are called positive.</span>
    </div>
  );
}
