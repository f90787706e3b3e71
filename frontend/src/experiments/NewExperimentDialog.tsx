// Makes an experiment: blank, with one script, or a copy of another one or of a run.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";

import { problemOf, request } from "../api/client";
import type { ExperimentDocument, NewExperiment, Problem } from "../api/types";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";

interface NewExperimentDialogProps {
  copyOf?: string | null;
  copyOfRun?: number | null;
  onClose: () => void;
}

export function NewExperimentDialog({ copyOf = null, copyOfRun = null, onClose }: NewExperimentDialogProps) {
  const [, go] = useLocation();
  const client = useQueryClient();
  const [name, setName] = useState(copyOf === null ? "" : `${copyOf} copy`);
  const [start, setStart] = useState<"blank" | "script">("blank");
  const [problem, setProblem] = useState<Problem | null>(null);
  const isCopy = copyOf !== null;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wish: NewExperiment = {
      name: name.trim(),
      title: null,
      start: isCopy ? "copy" : start,
      copy_of: copyOf,
      copy_of_run: copyOfRun,
    };
    try {
      const made = await request<ExperimentDocument>("/experiments", { body: wish });
      await client.invalidateQueries({ queryKey: ["experiments"] });
      onClose();
      go(routes.experiment(made.name));
    } catch (fault) {
      setProblem(problemOf(fault));
    }
  }

  return (
    <Dialog
      title={isCopy ? `Copy ${copyOf}${copyOfRun === null ? "" : ` as it was in run ${copyOfRun}`}` : "New experiment"}
      isOpen
      onClose={onClose}
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="new-experiment" disabled={name.trim() === ""}>
            Create
          </Button>
        </>
      }
    >
      <form id="new-experiment" className="form" onSubmit={(event) => void submit(event)}>
        <Field label="Name" help="Also the name of its folder in the workspace.">
          {(ids) => (
            <input {...ids} className="input" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        {!isCopy && (
          <fieldset className="choices">
            <legend className="field-label">Begin with</legend>
            <label className="checkbox">
              <input type="radio" name="start" checked={start === "blank"} onChange={() => setStart("blank")} />
              an empty canvas
            </label>
            <label className="checkbox">
              <input type="radio" name="start" checked={start === "script"} onChange={() => setStart("script")} />
              one Python script with the template
            </label>
          </fieldset>
        )}
        {problem && <ProblemBox problem={problem} />}
      </form>
    </Dialog>
  );
}
