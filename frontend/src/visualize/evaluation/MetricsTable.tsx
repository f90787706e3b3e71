// The metrics of one scored dataset, or of two with the better one marked.
import { Check } from "lucide-react";

import { statistic } from "../../ui/quantities";
import type { Metric } from "./evaluating";

export function MetricsTable({ metrics, nameOf }: { metrics: Metric[]; nameOf: (dataset: number) => string }) {
  const datasets = metrics[0]?.values.map((_, at) => at + 1) ?? [];
  const isCompared = datasets.length > 1;
  return (
    <section className="evaluation-part evaluation-metrics">
      <h3>Metrics</h3>
      <table className="statistics" aria-label="Metrics">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Metric</span>
            </th>
            {datasets.map((dataset) => (
              <th key={dataset} scope="col" className="evaluation-dataset" title={nameOf(dataset)}>
                <span className={`evaluation-dot evaluation-dot-${dataset}`} aria-hidden />
                {nameOf(dataset)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metrics.map(({ name, values, best }) => (
            <tr key={name}>
              <th scope="row">{name.replaceAll("_", " ")}</th>
              {values.map((value, at) => (
                <td key={at} className={best.includes(at) ? "is-best" : undefined} title={value === null ? undefined : String(value)}>
                  {best.includes(at) && <Check size={12} role="img" aria-label="better" />}
                  {metricText(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {isCompared && <p className="chart-note">The better value of each metric is ticked.</p>}
    </section>
  );
}

/** A metric with four digits behind the point, small ones with as many as tell something. */
export function metricText(value: number | null): string {
  if (value === null) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 0.001)) return statistic(value);
  return value.toFixed(4);
}
