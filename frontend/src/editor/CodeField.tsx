// The small editor of a code parameter in the properties: python, sql, r or plain text, with a button that enlarges it.
import { Maximize2 } from "lucide-react";
import { type CSSProperties, lazy, Suspense, useState } from "react";

import { IconButton } from "../ui/Button";
import "./code-field.css";

const CodeFieldView = lazy(() => import("./CodeFieldView"));
const CodeDialog = lazy(() => import("./CodeDialog"));

export interface CodeFieldProps {
  /** As the module declares it: "python", "sql", "r", or anything else for plain text. */
  language: string;
  value: string;
  onChange: (value: string) => void;
  /** What the button does; by default it opens the text in a large window. */
  onExpand?: () => void;
  /** Accessible name: the parameter's label. */
  label: string;
  isReadOnly?: boolean;
  placeholder?: string;
  /** For sql: the tables, such as t1, with their columns, which are completed. */
  tables?: Record<string, string[]>;
  /** Lines to show before it scrolls. */
  lines?: number;
}

/** The editor's code is loaded when the first one is shown; until then the text can be read. */
export function CodeField(props: CodeFieldProps) {
  const [isLarge, setLarge] = useState(false);
  return (
    <div className="code-field" style={{ "--code-lines": props.lines ?? 8 } as CSSProperties}>
      <Suspense fallback={<pre className="code-field-plain" tabIndex={0}>{props.value}</pre>}>
        <CodeFieldView {...props} />
        {isLarge && <CodeDialog {...props} onClose={() => setLarge(false)} />}
      </Suspense>
      <IconButton
        label={`Enlarge ${props.label}`}
        className="code-field-expand"
        onClick={props.onExpand ?? (() => setLarge(true))}
      >
        <Maximize2 size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
