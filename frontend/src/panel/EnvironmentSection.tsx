// The interpreter and packages that a script runs in, and packages of this node alone.
import { useEnvironment, useEnvironments, useWorkspace } from "../api/queries";
import type { NodeDocument } from "../api/types";
import { edit } from "../document/store";
import { Field } from "../ui/Field";
import { plural } from "../ui/quantities";
import { ListEditor } from "./ListEditor";
import { Section } from "./Section";
import { problemsAt, useSource } from "./source";

export function EnvironmentSection({ name, node, isScript }: { name: string; node: NodeDocument; isScript: boolean }) {
  const { isReadOnly, document } = useSource();
  const environments = useEnvironments();
  const workspace = useWorkspace();
  const standard = isScript ? (workspace.data?.environment ?? "current") : "current"; // others need studiolo beside them
  const shown = node.environment ?? standard;
  const facts = useEnvironment(shown);
  const known = environments.data ?? [];
  const problem = problemsAt(document, name).find((one) => one.code.includes("environment"));

  return (
    <Section id="environment" title="Environment" extra={shown} isOpen={isScript}>
      <Field label="Environment" help={facts.data?.summary} problem={problem?.summary}>
        {(ids) => (
          <select
            {...ids}
            className="input"
            value={node.environment ?? ""}
            disabled={isReadOnly}
            onChange={(event) => edit.set(["nodes", name, "environment"], event.target.value || null)}
          >
            <option value="">
              {standard} ({isScript ? "the workspace’s" : "where studiolo runs"})
            </option>
            {known.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name}
                {one.python ? `, Python ${one.python}` : ""}
                {one.state === "ready" ? "" : ` (${one.state.replace("-", " ")})`}
              </option>
            ))}
            {node.environment && !known.some((one) => one.name === node.environment) && (
              <option value={node.environment}>{node.environment} (unknown)</option>
            )}
          </select>
        )}
      </Field>
      {facts.data && facts.data.packages.length > 0 && (
        <details className="panel-packages">
          <summary>{plural(facts.data.packages.length, "package")}</summary>
          <ul>
            {facts.data.packages.map((one) => (
              <li key={one.name}>
                {one.name} <span className="soft number">{one.version}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {isScript && (
        <div className="field">
          <span className="field-label">Requirements</span>
          <ListEditor
            label="Requirements"
            values={node.requirements}
            placeholder="textblob or numpy<2"
            isReadOnly={isReadOnly}
            onChange={(values) => edit.set(["nodes", name, "requirements"], values.length ? values : null)}
          />
          <p className="field-help">Packages for this node alone, as pip writes them; installed before it runs.</p>
        </div>
      )}
    </Section>
  );
}
