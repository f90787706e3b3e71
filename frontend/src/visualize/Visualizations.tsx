// Charts of the chosen column: bins, logarithms, box plot, and "compare to" another column [66].
import { useEffect, useState } from "react";

import type { Column, TableHead } from "../api/types";
import { count } from "../ui/quantities";
import { Asked } from "../ui/Waiting";
import { BoxPlots } from "./charts/BoxPlots";
import { Crosstab } from "./charts/Crosstab";
import { Histogram } from "./charts/Histogram";
import { boxOf } from "./charts/MiniChart";
import { Scatter } from "./charts/Scatter";
import { ColumnFinder } from "./ColumnFinder";
import { axisKind, isNumeric, useComparison, useStatistics } from "./tableQueries";

interface VisualizationsProps {
  head: TableHead;
  index: number;
  column: Column;
  look: "histogram" | "box";
}

/** Beyond it a drop-down is no help; columns are found by typing. */
const MOST_IN_LIST = 300;

export function Visualizations({ head, index, column, look }: VisualizationsProps) {
  const [other, setOther] = useState<number | null>(null);
  const otherColumn = other === null ? undefined : head.columns[other];
  return (
    <>
      <div className="visualizations-compare">
        {head.columns.length <= MOST_IN_LIST ? (
          <label>
            compare to
            <select className="input" value={other ?? ""} onChange={(event) => setOther(event.target.value === "" ? null : Number(event.target.value))}>
              <option value="">none</option>
              {head.columns.map((one, place) =>
                place === index ? null : (
                  <option key={place} value={place}>
                    {one.name === "" ? "(no name)" : one.name}
                  </option>
                ),
              )}
            </select>
          </label>
        ) : (
          <>
            <ColumnFinder columns={head.columns} label="compare to" onChoose={setOther} />
            {otherColumn && (
              <button type="button" className="button button-quiet" onClick={() => setOther(null)}>
                {otherColumn.name}: compare no more
              </button>
            )}
          </>
        )}
      </div>
      {other !== null && otherColumn ? (
        <Comparison digest={head.digest} x={index} y={other} xColumn={column} yColumn={otherColumn} />
      ) : (
        <OneColumn digest={head.digest} index={index} column={column} look={look} />
      )}
    </>
  );
}

function OneColumn({ digest, index, column, look }: { digest: string; index: number; column: Column; look: "histogram" | "box" }) {
  const [bins, setBins] = useState(10);
  const [typed, setTyped] = useState("10");
  const [hasLogValues, setLogValues] = useState(false);
  const [hasLogFrequency, setLogFrequency] = useState(false);
  const query = useStatistics(digest, index, bins, hasLogValues);
  const isRange = isNumeric(column) || column.studio_type === "DateTime" || column.studio_type === "TimeSpan";
  const asked = Number(typed);
  const isGood = Number.isInteger(asked) && asked >= 1 && asked <= 200;

  useEffect(() => {
    if (!isGood || asked === bins) return undefined;
    const timer = window.setTimeout(() => setBins(asked), 300);
    return () => window.clearTimeout(timer);
  }, [isGood, asked, bins]);

  return (
    <Asked query={query} label="Reading all rows">
      {(known) => {
        const box = look === "box" ? boxOf(known) : null;
        if (box) {
          const present = { label: "all rows", count: known.bins.reduce((sum, bin) => sum + bin.count, 0), ...box };
          return <BoxPlots title={`${column.name} – box plot`} name={column.name} kind={axisKind(column)} boxes={[present]} />;
        }
        const canLog = isNumeric(column) && typeof known.min === "number" && known.min > 0;
        if (known.bins.length === 0) return <p className="soft">All values are missing.</p>;
        return (
          <>
            <Histogram
              name={column.name}
              bins={known.bins}
              otherValues={known.other_values}
              kind={axisKind(column)}
              hasLogFrequency={hasLogFrequency}
              hasLogValues={hasLogValues && canLog}
            />
            <div className="visualizations-choices">
              <label className="visualizations-bins">
                {isRange ? "bins" : "most frequent"}
                <input
                  className="input"
                  type="number"
                  min={1}
                  max={200}
                  value={typed}
                  aria-invalid={!isGood}
                  onChange={(event) => setTyped(event.target.value)}
                />
              </label>
              <label className="checkbox">
                <input type="checkbox" checked={hasLogFrequency} onChange={(event) => setLogFrequency(event.target.checked)} />
                frequency log scale
              </label>
              {isNumeric(column) && (
                <label className="checkbox" title={canLog ? undefined : "Only where all values are above 0"}>
                  <input type="checkbox" disabled={!canLog} checked={hasLogValues && canLog} onChange={(event) => setLogValues(event.target.checked)} />
                  value log scale
                </label>
              )}
            </div>
            {!isGood && <p className="field-problem">Between 1 and 200 bins.</p>}
          </>
        );
      }}
    </Asked>
  );
}

interface ComparisonProps {
  digest: string;
  x: number;
  y: number;
  xColumn: Column;
  yColumn: Column;
}

function Comparison({ digest, x, y, xColumn, yColumn }: ComparisonProps) {
  const query = useComparison(digest, x, y);
  return (
    <Asked query={query} label="Reading all rows">
      {(known) => {
        if (known.kind === "scatter") {
          if (known.x.length === 0) return <p className="soft">No row has both values.</p>;
          return <Scatter data={known} xName={xColumn.name} yName={yColumn.name} xKind={axisKind(xColumn)} yKind={axisKind(yColumn)} />;
        }
        if (known.kind === "crosstab") {
          if (known.x.length === 0) return <p className="soft">No row has both values.</p>;
          return <Crosstab data={known} xName={xColumn.name} yName={yColumn.name} />;
        }
        const [category, number] = known.is_swapped ? [yColumn, xColumn] : [xColumn, yColumn];
        if (known.boxes.length === 0) return <p className="soft">No row has both values.</p>;
        return (
          <BoxPlots
            title={`${number.name} by ${category.name}`}
            name={number.name}
            category={category.name}
            kind={axisKind(number)}
            boxes={known.boxes}
            note={known.other_values > 0 ? `${count(known.other_values)} rows have less frequent values, which are not shown.` : undefined}
          />
        );
      }}
    </Asked>
  );
}
