// All that is underlined in the script, as a list: a line of it leads to its place.
import type { Diagnostic } from "@codemirror/lint";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";

import { EmptyState } from "../ui/Waiting";

export interface ListedProblem {
  found: Diagnostic;
  line: number;
}

interface ProblemsPaneProps {
  problems: ListedProblem[];
  note: string;
  onGo: (problem: ListedProblem) => void;
}

const MARKS = {
  error: <CircleAlert size={15} className="editor-problem-error" aria-label="Error" />,
  warning: <TriangleAlert size={15} className="editor-problem-warning" aria-label="Warning" />,
  info: <Info size={15} className="editor-problem-info" aria-label="Hint" />,
  hint: <Info size={15} className="editor-problem-info" aria-label="Hint" />,
};

export function ProblemsPane({ problems, note, onGo }: ProblemsPaneProps) {
  return (
    <div className="editor-pane">
      {note && <p className="editor-note">{note}</p>}
      {problems.length === 0 ? (
        <EmptyState icon={<CircleCheck size={26} />} title="No problems found">
          The script was checked in its own environment; nothing of it ran.
        </EmptyState>
      ) : (
        <ul className="editor-problems">
          {problems.map((problem, index) => {
            const [first, ...rest] = problem.found.message.split("\n");
            return (
              <li key={index}>
                <button type="button" className="editor-problem" onClick={() => onGo(problem)}>
                  {MARKS[problem.found.severity]}
                  <span className="editor-problem-text">
                    {first}
                    {rest.length > 0 && <span className="soft"> {rest.join(" ")}</span>}
                  </span>
                  <span className="editor-problem-place">
                    line {problem.line} <code>{problem.found.source}</code>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
