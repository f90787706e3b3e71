// An error in the server's words: what is wrong, what to do, where, and the trace if there is one.
import { CircleAlert } from "lucide-react";

import type { Problem } from "../api/types";
import "./problem-box.css";

export function placeOf(problem: Problem): string {
  const { node, port, parameter, file, line } = problem.where;
  const place = [node && `node ${node}`, port && `port ${port}`, parameter && `parameter ${parameter}`];
  if (file) place.push(line ? `${file}:${line}` : file);
  else if (line) place.push(`line ${line}`);
  return place.filter(Boolean).join(", ");
}

interface ProblemBoxProps {
  problem: Problem;
  onPlace?: (problem: Problem) => void;
}

export function ProblemBox({ problem, onPlace }: ProblemBoxProps) {
  const place = placeOf(problem);
  return (
    <div className="problem-box" role="alert">
      <CircleAlert size={16} aria-hidden className="problem-box-icon" />
      <div className="problem-box-text">
        <p className="problem-box-summary">{problem.summary}</p>
        {problem.hint && <p className="problem-box-hint">{problem.hint}</p>}
        {place &&
          (onPlace ? (
            <button type="button" className="problem-box-place" onClick={() => onPlace(problem)}>
              {place}
            </button>
          ) : (
            <p className="problem-box-place">{place}</p>
          ))}
        {problem.traceback && <pre className="problem-box-trace">{problem.traceback}</pre>}
        {(problem.problems ?? []).map((one, index) => (
          <ProblemBox key={index} problem={one} onPlace={onPlace} />
        ))}
      </div>
    </div>
  );
}
