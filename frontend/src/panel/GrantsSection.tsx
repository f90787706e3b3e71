// What a node's job may reach: network and folders, and what the workspace's file allows at most.
import { FolderPlus } from "lucide-react";
import { useState } from "react";

import { useWorkspace } from "../api/queries";
import type { NodeDocument } from "../api/types";
import { edit } from "../document/store";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { FileDialog } from "./FileDialog";
import { ListEditor } from "./ListEditor";
import { Section } from "./Section";
import { problemsAt, useSource } from "./source";

type Reach = "none" | "hosts" | "all";

export function GrantsSection({ name, node }: { name: string; node: NodeDocument }) {
  const { isReadOnly, document } = useSource();
  const workspace = useWorkspace();
  const { network, read } = node.grants;
  const [wantsHosts, setWantsHosts] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const reach: Reach = network.includes("*") ? "all" : network.length > 0 || wantsHosts ? "hosts" : "none";
  const problems = problemsAt(document, name).filter((one) => one.code.includes("grant"));
  const path = ["nodes", name, "grants"];
  const extra = [reach === "none" ? "" : reach === "all" ? "network" : `${network.length} hosts`, read.length ? "folders" : ""];

  function choose(next: Reach): void {
    setWantsHosts(next === "hosts");
    if (next === "all") edit.set([...path, "network"], ["*"], `Grant ${name} the network`);
    else if (network.length > 0) edit.set([...path, "network"], null, `Take the network from ${name}`);
  }

  return (
    <Section id="grants" title="Grants" extra={extra.filter(Boolean).join(", ") || "none"} isOpen={problems.length > 0}>
      <fieldset className="choices" disabled={isReadOnly}>
        <legend className="field-label">Network</legend>
        {(["none", "hosts", "all"] as const).map((one) => (
          <label key={one} className="checkbox">
            <input type="radio" name={`network-${name}`} checked={reach === one} onChange={() => choose(one)} />
            {{ none: "no network", hosts: "named hosts", all: "every public address" }[one]}
          </label>
        ))}
      </fieldset>
      {reach === "hosts" && (
        <ListEditor
          label="Hosts"
          values={network}
          placeholder="prices.example.com:443"
          isReadOnly={isReadOnly}
          onChange={(values) => edit.set([...path, "network"], values.length ? values : null)}
        />
      )}
      <div className="field">
        <span className="field-label">Folders to read</span>
        <ListEditor
          label="Folders to read"
          values={read}
          placeholder="data/reference"
          isReadOnly={isReadOnly}
          onChange={(values) => edit.set([...path, "read"], values.length ? values : null)}
        />
        {!isReadOnly && (
          <Button look="quiet" icon={<FolderPlus size={15} aria-hidden />} onClick={() => setOpen(true)}>
            Choose a folder …
          </Button>
        )}
      </div>
      {isOpen && (
        <FileDialog
          title="Choose a folder to read"
          wants="folder"
          onChoose={(folder) => !read.includes(folder) && edit.set([...path, "read"], [...read, folder])}
          onClose={() => setOpen(false)}
        />
      )}
      {problems.map((problem, index) => (
        <ProblemBox key={index} problem={problem} />
      ))}
      {workspace.data && <Ceiling network={workspace.data.network} read={workspace.data.read} node={node} />}
    </Section>
  );
}

function Ceiling({ network, read, node }: { network: string[]; read: string[]; node: NodeDocument }) {
  const wanted = [
    node.grants.network.length && `network = ${list(node.grants.network)}`,
    node.grants.read.length && `read = ${list(node.grants.read)}`,
  ].filter(Boolean);
  return (
    <div className="panel-ceiling">
      <p>
        The workspace allows: network {network.length ? network.join(", ") : "none"}; folders{" "}
        {read.length ? read.join(", ") : "none"}.
      </p>
      {wanted.length > 0 && (
        <>
          <p>To allow what this node asks for, write in studiolo.toml:</p>
          <pre>{`[grants]\n${wanted.join("\n")}`}</pre>
        </>
      )}
    </div>
  );
}

function list(values: string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
}
