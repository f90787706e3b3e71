// A text edited where it stands: Enter or leaving it keeps it, Escape does not.
import { useEffect, useRef, useState } from "react";

interface InPlaceProps {
  label: string;
  value: string;
  isLong?: boolean;
  className?: string;
  /** Gives what is wrong with the text, or null when it is taken. */
  onDone: (text: string) => string | null;
  onClose: () => void;
}

export function InPlace({ label, value, isLong = false, className = "", onDone, onClose }: InPlaceProps) {
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const isOver = useRef(false);

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  function leave(isKept: boolean, isBlur = false): void {
    if (isOver.current) return;
    const wrong = isKept ? onDone(text) : null;
    if (wrong !== null && !isBlur) {
      setProblem(wrong);
      return;
    }
    isOver.current = true;
    const box = field.current?.closest<HTMLElement>(".react-flow__node");
    onClose();
    if (!isBlur) box?.focus();
  }

  const shared = {
    ref: field,
    className: `in-place nodrag nopan ${className}`,
    "aria-label": label,
    "aria-invalid": problem !== null,
    value: text,
    title: problem ?? undefined,
    onBlur: () => leave(true, true),
    onKeyDown: (event: React.KeyboardEvent) => {
      event.stopPropagation();
      if (event.key === "Escape") leave(false);
      else if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        leave(true);
      }
    },
  };
  return (
    <>
      {isLong ? (
        <textarea {...shared} rows={2} onChange={(event) => setText(event.target.value)} />
      ) : (
        <input {...shared} onChange={(event) => setText(event.target.value)} />
      )}
      {problem && (
        <span className="in-place-problem" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}
