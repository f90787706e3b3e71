// One dataset: its versions, its content, the receipt of reading it, and how to use it [2, 3].
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, ClipboardCopy, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";

import { part, problemOf, request } from "../api/client";
import type { Dataset } from "../api/types";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { bytes, count, moment } from "../ui/quantities";
import "../ui/screen.css";
import { tell, tellProblem } from "../ui/Toast";
import { Asked, Waiting } from "../ui/Waiting";
import { Section } from "../visualize/ColumnPanel";
import { copyText } from "../visualize/charts/exporting";
import { DownloadButton } from "../visualize/DownloadButton";
import { ObjectView } from "../visualize/ObjectView";
import { ReceiptList } from "../visualize/PortReceipt";
import { TableView } from "../visualize/TableView";
import { useCard } from "../visualize/tableQueries";
import { TextView } from "../visualize/TextView";
import "../visualize/visualize.css";
import { ZipView } from "../visualize/ZipView";
import { kindName } from "./DatasetTable";
import "./datasets.css";
import { loadingCode } from "./loadingCode";

const CardView = lazy(() => import("../visualize/objects/CardView"));

export default function DatasetScreen({ name }: { name: string }) {
  const versions = useQuery({
    queryKey: ["datasets", name],
    queryFn: () => request<Dataset[]>(`/datasets/${part(name)}`),
  });
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <div className="dataset">
      <Asked query={versions}>
        {(known) => {
          const shown = known.find((one) => one.version === chosen) ?? known[0];
          return shown ? <Shown dataset={shown} versions={known} onChoose={setChosen} /> : <p className="soft">{name} has no version.</p>;
        }}
      </Asked>
    </div>
  );
}

interface ShownProps {
  dataset: Dataset;
  versions: Dataset[];
  onChoose: (version: number) => void;
}

function Shown({ dataset, versions, onChoose }: ShownProps) {
  const code = loadingCode(dataset.name, dataset.kind, dataset.version === versions[0]?.version ? null : dataset.version);
  const sections = (
    <>
      <Section title="Dataset">
        <Facts dataset={dataset} />
      </Section>
      <Section title="Receipt of reading it">
        <ReceiptList entries={dataset.receipt} none="Reading it changed nothing." />
      </Section>
      <Section title="Use it">
        <p className="soft">
          In an experiment: drag it from “{dataset.kind === "object" ? "Trained Models" : "Saved Datasets"}” in the palette. In <code>experiment.yaml</code>:
        </p>
        <pre className="dataset-code">{`nodes:\n  data:\n    dataset: ${JSON.stringify(dataset.name)}`}</pre>
        {dataset.kind === "zip" && <p className="soft">Connected to the port “Script bundle” of a script, its files can be imported there.</p>}
        <p className="soft">In a script:</p>
        <pre className="dataset-code">{code}</pre>
      </Section>
    </>
  );
  return (
    <>
      <div className="dataset-head">
        <Link to={routes.datasets()} className="button button-quiet" aria-label="All datasets">
          <ArrowLeft size={16} aria-hidden />
        </Link>
        <h1 title={dataset.name}>{dataset.name}</h1>
        <label className="dataset-version">
          <span className="soft">version</span>
          <select className="input" aria-label="Version" value={dataset.version} onChange={(event) => onChoose(Number(event.target.value))}>
            {versions.map((one) => (
              <option key={one.version} value={one.version}>
                {one.version} – {moment(one.created)}
                {one.rows === null ? "" : `, ${count(one.rows)} × ${count(one.columns ?? 0)}`}
              </option>
            ))}
          </select>
        </label>
        <div className="visualize-actions">
          <DownloadButton digest={dataset.digest} kind={dataset.kind} size={dataset.size} name={dataset.name} />
          <Button icon={<ClipboardCopy size={14} aria-hidden />} onClick={() => void copyText(code, "Python code that loads this is copied.")}>
            Copy Python code to load this
          </Button>
          <Removal dataset={dataset} versions={versions} />
        </div>
      </div>
      <div className="dataset-content">
        {dataset.kind === "dataset" ? (
          <TableView digest={dataset.digest} name={dataset.name} sections={sections} />
        ) : (
          <div className="dataset-other">
            <OtherContent dataset={dataset} />
            <aside className="table-view-panel" aria-label="Dataset">
              {sections}
            </aside>
          </div>
        )}
      </div>
    </>
  );
}

function OtherContent({ dataset }: { dataset: Dataset }) {
  const { digest, size, kind } = dataset;
  if (kind === "zip") return <ZipView digest={digest} size={size} />;
  if (kind === "file") return <TextView digest={digest} />;
  return <SavedObject dataset={dataset} />;
}

function SavedObject({ dataset }: { dataset: Dataset }) {
  const { digest, size, kind, name } = dataset;
  const query = useCard(digest);
  return (
    <Asked query={query}>
      {({ card }) =>
        card === null ? (
          <ObjectView view={{ view: kind, name, kind, digest, size, code: "", card }} />
        ) : (
          <Suspense fallback={<Waiting />}>
            <CardView card={card} holds="" size={size} digest={digest} />
          </Suspense>
        )
      }
    </Asked>
  );
}

function Facts({ dataset }: { dataset: Dataset }) {
  return (
    <dl className="facts">
      <dt>Kind</dt>
      <dd>{kindName(dataset.kind)}</dd>
      <dt>Size</dt>
      <dd>{bytes(dataset.size)}</dd>
      <dt>Created</dt>
      <dd>{moment(dataset.created)}</dd>
      <dt>Origin</dt>
      <dd>{dataset.origin || "–"}</dd>
      <dt>Digest</dt>
      <dd className="mono">{dataset.digest.slice(0, 16)}…</dd>
    </dl>
  );
}

function Removal({ dataset, versions }: { dataset: Dataset; versions: Dataset[] }) {
  const client = useQueryClient();
  const [, go] = useLocation();

  async function remove(version: number | null): Promise<void> {
    const what = version === null ? `the dataset ${dataset.name}` : `version ${version} of ${dataset.name}`;
    if (!window.confirm(`Remove ${what}? Nodes that use it will say that it is missing; results of runs stay.`)) return;
    try {
      await request(`/datasets/${part(dataset.name)}${version === null ? "" : `?version=${version}`}`, { method: "DELETE" });
      tell(`${what.replace(/^./, (first) => first.toUpperCase())} is removed.`);
      if (version === null || versions.length === 1) go(routes.datasets());
      await client.invalidateQueries({ queryKey: ["datasets"] });
    } catch (fault) {
      tellProblem(problemOf(fault));
    }
  }

  return (
    <Menu
      align="end"
      items={[
        versions.length > 1 && { label: `Remove version ${dataset.version} …`, isDanger: true, onSelect: () => void remove(dataset.version) },
        { label: versions.length > 1 ? "Remove all versions …" : "Remove the dataset …", isDanger: true, onSelect: () => void remove(null) },
      ]}
    >
      <Button icon={<Trash2 size={14} aria-hidden />}>Remove</Button>
    </Menu>
  );
}
