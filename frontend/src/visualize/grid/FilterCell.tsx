// One cell of the filter row: a comparison by the column's type, and the value to compare with.
import { useEffect, useState } from "react";

import type { Column, Filter } from "../../api/types";
import { exampleOf, needsValue, type Op, opsOf, signOf } from "../filtering";

interface FilterCellProps {
  column: Column;
  filter: Filter | undefined;
  onFilter: (op: Op | null, value: string) => void;
}

export function FilterCell({ column, filter, onFilter }: FilterCellProps) {
  const [op, setOp] = useState<Op>(filter?.op ?? opsOf(column)[0] ?? "equals");
  const [typed, setTyped] = useState(filter?.value ?? "");
  const known = filter?.value ?? "";

  useEffect(() => {
    if (typed === known || !needsValue(op)) return undefined;
    const timer = window.setTimeout(() => onFilter(op, typed), 450);
    return () => window.clearTimeout(timer);
  });

  return (
    <div className="grid-filter">
      <select
        aria-label={`Comparison for ${column.name}`}
        value={op}
        onChange={(event) => {
          const chosen = event.target.value as Op;
          setOp(chosen);
          if (!needsValue(chosen) || typed !== "") onFilter(chosen, typed);
          else if (filter) onFilter(null, "");
        }}
      >
        {opsOf(column).map((one) => (
          <option key={one} value={one}>
            {signOf(one)}
          </option>
        ))}
      </select>
      {needsValue(op) && (
        <input
          aria-label={`Filter ${column.name}`}
          placeholder={exampleOf(column)}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && onFilter(op, typed)}
        />
      )}
    </div>
  );
}
