// What stands where something is being fetched, is not there, or failed.
import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";

import { problemOf } from "../api/client";
import { ProblemBox } from "./ProblemBox";
import "./waiting.css";

export function Waiting({ label = "Loading" }: { label?: string }) {
  return (
    <div className="waiting" role="status">
      <LoaderCircle size={18} aria-hidden /> {label} …
    </div>
  );
}

export function EmptyState({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="empty-state">
      {icon && (
        <div className="empty-state-icon" aria-hidden>
          {icon}
        </div>
      )}
      <h2>{title}</h2>
      <div className="empty-state-text">{children}</div>
    </div>
  );
}

interface AskedProps<Data> {
  query: { data: Data | undefined; error: unknown; isPending: boolean };
  children: (data: Data) => ReactNode;
  label?: string;
}

/** Shows what a query gave; meanwhile that it is loading, or what went wrong. */
export function Asked<Data>({ query, children, label }: AskedProps<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ProblemBox problem={problemOf(query.error)} />;
  return <Waiting label={label} />;
}
