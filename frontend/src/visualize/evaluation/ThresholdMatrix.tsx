// What a threshold makes of the rows of one dataset: the four counts, and the rates from them.
import { count } from "../../ui/quantities";
import type { CurvePoint } from "./evaluating";
import { metricText } from "./MetricsTable";

interface ThresholdMatrixProps {
  dataset: number;
  name: string;
  point: CurvePoint;
  /** Names of the negative and the positive class. */
  classes: [string, string] | null;
}

const RATES: [string, keyof CurvePoint][] = [
  ["Accuracy", "accuracy"],
  ["Precision", "precision"],
  ["Recall", "recall"],
  ["F1", "f1"],
];

export function ThresholdMatrix({ dataset, name, point, classes }: ThresholdMatrixProps) {
  const [negative, positive] = classes ?? ["negative", "positive"];
  return (
    <section className="evaluation-threshold" aria-label={`At this threshold: ${name}`}>
      <h4 className="evaluation-dataset" title={name}>
        <span className={`evaluation-dot evaluation-dot-${dataset}`} aria-hidden />
        {name}
      </h4>
      <table className="confusion" aria-label={`Confusion of ${name}`}>
        <thead>
          <tr>
            <td />
            <th scope="col" title={positive}>
              called {positive}
            </th>
            <th scope="col" title={negative}>
              called {negative}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row" title={positive}>
              is {positive}
            </th>
            <Cell name="True positive" value={point.truePositive} isRight />
            <Cell name="False negative" value={point.falseNegative} />
          </tr>
          <tr>
            <th scope="row" title={negative}>
              is {negative}
            </th>
            <Cell name="False positive" value={point.falsePositive} />
            <Cell name="True negative" value={point.trueNegative} isRight />
          </tr>
        </tbody>
      </table>
      <dl className="evaluation-rates">
        {RATES.map(([label, key]) => (
          <div key={key}>
            <dt>{label}</dt>
            <dd>{metricText(point[key])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Cell({ name, value, isRight = false }: { name: string; value: number; isRight?: boolean }) {
  return (
    <td className={isRight ? "is-right-cell" : "is-wrong-cell"}>
      <b>{count(value)}</b>
      <span>{name}</span>
    </td>
  );
}
