// One node: its name and comment, how its last run went, its parameters, and everything that belongs to its job.
import { localProblem } from "../api/client";
import { iconOf } from "../canvas/icons";
import { edit } from "../document/store";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import { tellProblem } from "../ui/Toast";
import { counts } from "./conditions";
import { DraftInput } from "./DraftInput";
import { EnvironmentSection } from "./EnvironmentSection";
import { GrantsSection } from "./GrantsSection";
import { LimitsSection } from "./LimitsSection";
import { NodeResult } from "./NodeResult";
import { OutputsSection } from "./OutputsSection";
import { ParameterField } from "./ParameterField";
import { QuickHelp } from "./QuickHelp";
import { KeywordFields, ScriptSection } from "./ScriptSection";
import { Section } from "./Section";
import { problemsAt, useSource } from "./source";

/** Codes of problems that stand at a field further down. */
const ELSEWHERE = /environment|grant|wrong-output|limit|out-of-range/;

export function NodePanel({ experiment, name }: { experiment: string; name: string }) {
  const { document, modules, isReadOnly } = useSource();
  const node = document.nodes[name];
  if (node === undefined) return null;
  const module = modules[node.module];
  const isPython = module?.runner === "script";
  const isScript = isPython || node.script != null;
  const Icon = iconOf(node.module, module?.category ?? "");
  const general = problemsAt(document, name).filter((one) => !one.where.parameter && !ELSEWHERE.test(one.code));
  const shown = (module?.parameters ?? []).filter(
    (one) => counts(module!, one, node.parameters) && !(isScript && !isPython && one.kind === "code"),
  );

  return (
    <div className="panel-node">
      <header className="panel-head">
        <Icon size={22} strokeWidth={1.6} aria-hidden className="panel-head-icon" />
        <div className="panel-head-text">
          <h2>{name}</h2>
          <p className="soft">{module?.name ?? node.module}</p>
        </div>
      </header>
      {general.map((problem, index) => (
        <ProblemBox key={index} problem={problem} />
      ))}
      <NodeResult experiment={experiment} name={name} />
      {isScript && <ScriptSection name={name} node={node} />}
      <Section id="parameters" title="Parameters">
        {shown.map((parameter) => (
          <ParameterField key={parameter.name} node={name} parameter={parameter} />
        ))}
        {isPython ? (
          <KeywordFields experiment={experiment} name={name} node={node} />
        ) : (
          shown.length === 0 && <p className="soft">This module has no parameters.</p>
        )}
      </Section>
      <Section id="node" title="Name and comment" isOpen={node.comment !== ""}>
        <NodeName name={name} isReadOnly={isReadOnly} />
        <Field label="Comment">
          {(ids) => (
            <DraftInput
              key={name}
              ids={ids}
              lines={3}
              stored={node.comment}
              isDisabled={isReadOnly}
              placeholder="What this node is for; shown below it on the canvas"
              save={(text) => edit.set(["nodes", name, "comment"], text || null, `Comment on ${name}`)}
            />
          )}
        </Field>
      </Section>
      {node.module !== "dataset" && (
        <>
          <EnvironmentSection name={name} node={node} isScript={isPython} />
          {isPython && <OutputsSection name={name} node={node} />}
          {isScript && <GrantsSection name={name} node={node} />}
          <LimitsSection name={name} node={node} />
        </>
      )}
      {module && <QuickHelp module={module} parameters={shown} />}
    </div>
  );
}

function NodeName({ name, isReadOnly }: { name: string; isReadOnly: boolean }) {
  return (
    <Field label="Name" help="Renaming never costs a rerun.">
      {(ids) => (
        <DraftInput
          key={name}
          ids={ids}
          stored={name}
          isDisabled={isReadOnly}
          isUnfinished={() => true}
          save={(text) => {
            const problem = edit.rename(name, text.trim());
            if (problem) tellProblem(localProblem("node-name", problem));
          }}
        />
      )}
    </Field>
  );
}
