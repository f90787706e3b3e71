// Keeps what a port holds as a dataset with a name [56].
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";

import { problemOf, request } from "../api/client";
import { useDatasets } from "../api/queries";
import type { Dataset, Problem } from "../api/types";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import { tell } from "../ui/Toast";

interface SaveAsDatasetDialogProps {
  run: number;
  node: string;
  port: string;
  onClose: () => void;
}

export function SaveAsDatasetDialog({ run, node, port, onClose }: SaveAsDatasetDialogProps) {
  const client = useQueryClient();
  const datasets = useDatasets();
  const [, go] = useLocation();
  const [name, setName] = useState(node);
  const [problem, setProblem] = useState<Problem | null>(null);
  const before = datasets.data?.find((one) => one.name === name.trim());

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    try {
      const made = await request<Dataset>("/datasets", { body: { name: name.trim(), run, node, port } });
      await client.invalidateQueries({ queryKey: ["datasets"] });
      onClose();
      tell(`${made.name} version ${made.version} is a dataset now.`, { label: "Open", run: () => go(routes.dataset(made.name)) });
    } catch (fault) {
      setProblem(problemOf(fault));
    }
  }

  return (
    <Dialog
      title="Save as dataset"
      isOpen
      onClose={onClose}
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="save-as-dataset" disabled={name.trim() === ""}>
            Save
          </Button>
        </>
      }
    >
      <form id="save-as-dataset" className="form" onSubmit={(event) => void submit(event)}>
        <Field label="Name" help={before ? `${before.name} exists: this becomes its version ${before.version + 1}.` : "Nodes of any experiment use it by this name."}>
          {(ids) => <input {...ids} className="input" autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {problem && <ProblemBox problem={problem} />}
      </form>
    </Dialog>
  );
}
