// Why a run was refused before it began: every problem at once; a click leads to its node and field [38].
import { X } from "lucide-react";

import type { Problem } from "../api/types";
import { edit, useDocument } from "../document/store";
import { IconButton } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";

/** Selects the node of a problem and puts the focus into the field it is about. */
export function goTo(problem: Problem): void {
  const { node, parameter, line } = problem.where;
  if (!node || !useDocument.getState().document?.nodes[node]) return;
  edit.select([node]);
  if (line && problem.kind !== "user") edit.openEditor(node, line);
  if (!parameter) return;
  window.setTimeout(() => {
    const field = document.querySelector<HTMLElement>(`[data-parameter="${CSS.escape(parameter)}"]`);
    field?.scrollIntoView({ block: "center" });
    field?.querySelector<HTMLElement>(".field > input, .field > select, .field > textarea, .field > * input, button.button")?.focus();
  }, 80);
}

export function Refused() {
  const refused = useDocument((state) => state.refused);
  if (refused === null) return null;
  const problems = refused.problems.length > 0 ? refused.problems : [refused];
  return (
    <section className="refused" aria-label="The run was refused">
      <header>
        <h3>
          {problems.length === 1 ? "The run cannot begin." : `The run cannot begin: ${problems.length} problems.`}
        </h3>
        <IconButton label="Close" onClick={() => edit.clearRefused()}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <div className="refused-list">
        {problems.map((problem, index) => (
          <ProblemBox key={index} problem={problem} onPlace={goTo} />
        ))}
      </div>
    </section>
  );
}
