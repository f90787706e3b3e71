// The help page of a module over the studio: what it does, ports, parameters, an example that can be opened.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { useLocation } from "wouter";

import { part, problemOf, request } from "../api/client";
import type { Example, ModulePage } from "../api/types";
import { routes } from "../routes";
import { CopyButton } from "../services/CopyButton";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ProblemBox } from "../ui/ProblemBox";
import { tellProblem } from "../ui/Toast";
import { Waiting } from "../ui/Waiting";
import { HelpText, marked } from "./HelpText";
import { ModuleParameters, ModulePorts } from "./ModuleFacts";
import "./help.css";

interface ModuleHelpProps {
  id: string;
  name: string;
  /** Where it comes from, when it is not built in: a file of the workspace, a package. */
  origin: string;
  onClose: () => void;
}

export default function ModuleHelp({ id, name, origin, onClose }: ModuleHelpProps) {
  const { data: page, error } = useQuery({
    queryKey: ["modules", id, "page"],
    queryFn: () => request<ModulePage>(`/modules/${part(id)}/page`),
  });
  return (
    <Dialog title={name} isOpen onClose={onClose} size="large">
      {page ? <Page page={page} origin={origin} onClose={onClose} /> : error ? <ProblemBox problem={problemOf(error)} /> : <Waiting />}
    </Dialog>
  );
}

function Page({ page, origin, onClose }: { page: ModulePage; origin: string; onClose: () => void }) {
  return (
    <div className="help">
      <p className="help-place soft">
        {page.category} · <code>{page.id}</code>
        {origin !== "built in" && origin !== "" && ` · from ${origin}`}
      </p>
      <p className="help-summary">{marked(page.summary)}</p>
      <HelpText blocks={page.text} />
      <ModulePorts title="Inputs" ports={page.inputs} />
      <ModulePorts title="Outputs" ports={page.outputs} />
      <ModuleParameters parameters={page.parameters} />
      <ExampleOf page={page} onClose={onClose} />
      {(page.old_names.length > 0 || page.old_ids.length > 0) && (
        <section>
          <h3>In the retired products</h3>
          <p className="help-old">
            {page.old_names.join(", ")}
            {page.old_names.length > 0 && page.old_ids.length > 0 && ", "}
            {page.old_ids.map((one, index) => (
              <code key={one}>
                {index > 0 && " "}
                {one}
              </code>
            ))}
          </p>
        </section>
      )}
    </div>
  );
}

function ExampleOf({ page, onClose }: { page: ModulePage; onClose: () => void }) {
  const [, go] = useLocation();
  const client = useQueryClient();
  if (!page.example) return null;
  const text = `nodes:\n${page.example.replace(/^(?=.)/gm, "  ")}`;

  async function open(): Promise<void> {
    try {
      const made = await request<Example>(`/modules/${part(page.id)}/example`, { method: "POST" });
      await client.invalidateQueries({ queryKey: ["experiments"] });
      onClose();
      go(routes.experiment(made.experiment));
    } catch (fault) {
      tellProblem(problemOf(fault));
    }
  }

  return (
    <section>
      <div className="help-example-head">
        <h3>Example</h3>
        <CopyButton text={text} what="the example" withWords />
        <Button icon={<Workflow size={15} aria-hidden />} onClick={() => void open()}>
          Open as a new experiment
        </Button>
      </div>
      <pre className="help-code">{text}</pre>
      {page.files.map(([path, content]) => (
        <figure key={path} className="help-file">
          <figcaption>
            <code>{path}</code>
          </figcaption>
          <pre className="help-code">{content}</pre>
        </figure>
      ))}
    </section>
  );
}
