// The type of a column as a small mark with its name.
import { Binary, Calendar, Tags, Timer, ToggleLeft } from "lucide-react";
import type { ReactNode } from "react";

import type { Column } from "../api/types";

const MARKS: Record<string, ReactNode> = {
  Integer: "123",
  Double: "1.5",
  String: "Aa",
  Boolean: <ToggleLeft size={14} aria-hidden />,
  DateTime: <Calendar size={13} aria-hidden />,
  TimeSpan: <Timer size={13} aria-hidden />,
  Categorical: <Tags size={13} aria-hidden />,
  Bytes: <Binary size={13} aria-hidden />,
};

export function TypeIcon({ column }: { column: Column }) {
  const told = `${column.studio_type} (${column.type})${column.role ? `, ${column.role}` : ""}`;
  return (
    <span className="visualize-type" role="img" aria-label={column.studio_type} title={told}>
      {MARKS[column.studio_type] ?? "?"}
    </span>
  );
}
