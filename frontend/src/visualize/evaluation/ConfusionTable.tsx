// Counts by actual and predicted class as a heat table: shares of the actual class, the darker the more.
import { count } from "../../ui/quantities";
import { type Confusion, largestClasses, sum } from "./evaluating";

const MOST_CLASSES = 40;

export function ConfusionTable({ confusion, name }: { confusion: Confusion; name: string }) {
  const { classes, counts } = largestClasses(confusion, MOST_CLASSES);
  const left = confusion.classes.length - classes.length;
  return (
    <section className="evaluation-part">
      <h3 className="evaluation-dataset" title={name}>
        Confusion matrix: {name}
      </h3>
      <div className="heat-box">
        <table className="heat" aria-label={`Confusion matrix of ${name}`}>
          <thead>
            <tr>
              <th scope="col" className="heat-corner">
                actual ↓ predicted →
              </th>
              {classes.map((one) => (
                <th key={one} scope="col" title={one}>
                  {one}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map((actual, row) => {
              const line = counts[row] ?? [];
              const whole = Math.max(1, sum(confusion.counts[confusion.classes.indexOf(actual)] ?? line));
              return (
                <tr key={actual}>
                  <th scope="row" title={actual}>
                    {actual}
                  </th>
                  {classes.map((predicted, column) => (
                    <HeatCell key={predicted} value={line[column] ?? 0} share={(line[column] ?? 0) / whole} isRight={row === column} />
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="chart-note">
        Shares are of the rows of the actual class.
        {left > 0 && ` The ${MOST_CLASSES} classes with the most rows are shown; ${count(left)} more are in the port confusion_matrix.`}
      </p>
    </section>
  );
}

function HeatCell({ value, share, isRight }: { value: number; share: number; isRight: boolean }) {
  const step = value === 0 ? 0 : Math.max(1, Math.ceil(share * 10));
  return (
    <td className={`heat-${step} ${isRight ? "is-right-cell" : ""}`}>
      <b>{count(value)}</b>
      <span>{percent(share)}</span>
    </td>
  );
}

/** A share as it is read: whole per cents are enough from ten on. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value === 0 || value === 100 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} %`;
}
