// A script node's script: its file and first lines, the editor, keywords as fields, bundle, dialect, strict [46, 52].
import { useQuery } from "@tanstack/react-query";
import { FileCode2, FolderOpen, X } from "lucide-react";
import { useState } from "react";

import { part, request } from "../api/client";
import type { Keywords, NodeDocument, Parameter } from "../api/types";
import { edit, useDocument } from "../document/store";
import { Button, IconButton } from "../ui/Button";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import { FileDialog } from "./FileDialog";
import { ParameterField } from "./ParameterField";
import { Section } from "./Section";
import { useSource } from "./source";

const LINES = 7;

export function ScriptSection({ name, node }: { name: string; node: NodeDocument }) {
  const { isReadOnly } = useSource();
  const lines = (node.script?.text ?? "").split("\n");
  return (
    <Section id="script" title="Script" extra={node.script?.file}>
      <div className="panel-script">
        <pre>{lines.slice(0, LINES).join("\n")}</pre>
        {lines.length > LINES && <span className="panel-script-more">{lines.length - LINES} more lines</span>}
        {!isReadOnly && (
          <button
            type="button"
            className="panel-script-open"
            aria-label={`Script of ${name}, ${lines.length} lines`}
            onClick={() => edit.openEditor(name)}
          />
        )}
      </div>
      {!isReadOnly && (
        <Button look="primary" icon={<FileCode2 size={15} aria-hidden />} onClick={() => edit.openEditor(name)}>
          Edit script
        </Button>
      )}
      <BundleField name={name} node={node} />
      <Field label="Dialect" help={DIALECTS[node.dialect] ?? ""}>
        {(ids) => (
          <select
            {...ids}
            className="input"
            value={node.dialect}
            disabled={isReadOnly}
            onChange={(event) => edit.set(["nodes", name, "dialect"], event.target.value)}
          >
            <option value="designer">designer (default)</option>
            <option value="classic">classic</option>
          </select>
        )}
      </Field>
      <label className="checkbox">
        <input
          type="checkbox"
          checked={node.strict}
          disabled={isReadOnly}
          onChange={(event) => edit.set(["nodes", name, "strict"], event.target.checked)}
        />
        strict: a lossy conversion fails the node
      </label>
    </Section>
  );
}

const DIALECTS: Record<string, string> = {
  designer: "Unconnected inputs arrive as None: azureml_main(one, None).",
  classic: "Only connected inputs are given: azureml_main(one).",
};

function BundleField({ name, node }: { name: string; node: NodeDocument }) {
  const { isReadOnly } = useSource();
  const [isOpen, setOpen] = useState(false);
  const path = ["nodes", name, "bundle"];
  if (node.inputs.script_bundle) {
    return <p className="field-help">The script bundle comes from {node.inputs.script_bundle}.</p>;
  }
  return (
    <Field label="Script bundle" help="A zip or folder of the workspace beside the script: its files can be imported.">
      {(ids) => (
        <div className="panel-with-button">
          <input {...ids} className="input mono" readOnly value={node.bundle ?? ""} placeholder="none" />
          {node.bundle && !isReadOnly && (
            <IconButton label="Remove script bundle" onClick={() => edit.set(path, null)}>
              <X size={15} aria-hidden />
            </IconButton>
          )}
          <IconButton label="Choose script bundle" disabled={isReadOnly} onClick={() => setOpen(true)}>
            <FolderOpen size={16} aria-hidden />
          </IconButton>
          {isOpen && (
            <FileDialog
              title="Choose script bundle"
              wants="both"
              onChoose={(chosen) => edit.set(path, chosen)}
              onClose={() => setOpen(false)}
            />
          )}
        </div>
      )}
    </Field>
  );
}

function parameterOf(name: string, value: unknown): Parameter {
  const kinds: Record<string, string> = { boolean: "boolean", number: "number", string: "text" };
  return {
    name,
    kind: kinds[typeof value] ?? "json",
    label: name,
    default: value ?? null,
    required: false,
    choices: [],
    minimum: null,
    maximum: null,
    language: "",
    when: null,
    help: "",
    aliases: [],
    input: "",
  };
}

/** Keyword parameters of the script with a default: fields like a module's own. */
export function KeywordFields({ experiment, name, node }: { experiment: string; name: string; node: NodeDocument }) {
  const { isReadOnly, modules } = useSource();
  const isSaved = useDocument((state) => state.saving === "saved");
  const keywords = useQuery({
    queryKey: ["keywords", experiment, name, node.script?.text ?? ""],
    queryFn: () => request<Keywords>(`/experiments/${part(experiment)}/nodes/${part(name)}/keywords`),
    enabled: !isReadOnly && isSaved, // a new node is asked for when its file has it
    placeholderData: (before) => before,
    staleTime: 2000,
  });
  const declared = new Set((modules[node.module]?.parameters ?? []).map((one) => one.name));
  const found = { ...(keywords.data?.keywords ?? {}) };
  for (const [key, value] of Object.entries(node.parameters)) {
    if (!declared.has(key) && !(key in found)) found[key] = value;
  }
  const names = Object.keys(found);
  return (
    <>
      {keywords.data?.problems.map((problem, index) => <ProblemBox key={index} problem={problem} />)}
      {names.map((key) => (
        <ParameterField key={key} node={name} parameter={parameterOf(key, found[key])} />
      ))}
      {names.length === 0 && (
        <p className="field-help">
          Keyword parameters of the script appear here: <code>def azureml_main(dataframe1=None, *, count=5)</code>.
        </p>
      )}
    </>
  );
}
