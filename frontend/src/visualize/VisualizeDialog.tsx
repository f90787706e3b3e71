// Shows what a port of a node run holds, as large as the window: table, device, zip, text or facts [56, 60–69].
import { ClipboardCopy, Database } from "lucide-react";
import { lazy, Suspense, useState } from "react";

import type { ObjectCard, PortView } from "../api/types";
import { own } from "../document/records";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { bytes } from "../ui/quantities";
import { Asked, Waiting } from "../ui/Waiting";
import { copyText } from "./charts/exporting";
import { DeviceView } from "./DeviceView";
import { DownloadButton } from "./DownloadButton";
import { ObjectView } from "./ObjectView";
import { PortReceipt } from "./PortReceipt";
import { type Chosen, RunComparison } from "./RunComparison";
import { SaveAsDatasetDialog } from "./SaveAsDatasetDialog";
import { Section } from "./ColumnPanel";
import { TableView } from "./TableView";
import { useHead, useHolds, usePortView, useRun } from "./tableQueries";
import { TextView } from "./TextView";
import { ZipView } from "./ZipView";
import "./visualize.css";

const EvaluationView = lazy(() => import("./evaluation/EvaluationView"));
const CardView = lazy(() => import("./objects/CardView"));
const EVALUATE = "evaluate-model";

interface VisualizeDialogProps {
  run: number;
  node: string;
  port: string;
  onClose: () => void;
}

export default function VisualizeDialog({ run, node, port, onClose }: VisualizeDialogProps) {
  const view = usePortView(run, node, port);
  const snapshot = useRun(run);
  const [isSaving, setSaving] = useState(false);
  const experiment = snapshot.data?.run.experiment ?? null;
  const module = own(snapshot.data?.document.nodes ?? {}, node)?.module ?? "";
  const title = [experiment, node, port].filter(Boolean).join(" › ");
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      size="full"
      header={
        <>
          <span className="soft">run {run}</span>
          {view.data && <Actions view={view.data} onSave={() => setSaving(true)} />}
        </>
      }
    >
      <div className="visualize">
        <Asked query={view} label="Opening the result">
          {(known) =>
            snapshot.isPending ? (
              <Waiting label="Opening the result" />
            ) : (
              <Content view={known} run={run} node={node} port={port} experiment={experiment} module={module} />
            )
          }
        </Asked>
      </div>
      {isSaving && <SaveAsDatasetDialog run={run} node={node} port={port} onClose={() => setSaving(false)} />}
    </Dialog>
  );
}

function Actions({ view, onSave }: { view: PortView; onSave: () => void }) {
  const canSave = ["table", "zip", "object"].includes(view.view);
  return (
    <div className="visualize-actions">
      <DownloadButton digest={view.digest} kind={view.kind} size={view.size} name={view.name} />
      {canSave && (
        <Button icon={<Database size={14} aria-hidden />} onClick={onSave}>
          Save as dataset
        </Button>
      )}
      <Button icon={<ClipboardCopy size={14} aria-hidden />} onClick={() => void copyText(view.code, "Python code that loads this is copied.")}>
        Copy Python code to load this
      </Button>
    </div>
  );
}

interface ContentProps {
  view: PortView;
  run: number;
  node: string;
  port: string;
  experiment: string | null;
}

function Content({ module, ...shown }: ContentProps & { module: string }) {
  const { view, run, node, port } = shown;
  switch (view.view) {
    case "table":
      if (module !== EVALUATE) return <PortTable {...shown} />;
      return (
        <Suspense fallback={<Waiting label="Opening the evaluation" />}>
          <EvaluationView run={run} node={node} table={<PortTable {...shown} />} />
        </Suspense>
      );
    case "device":
      return <DeviceView digest={view.digest} />;
    case "zip":
      return <ZipView digest={view.digest} size={view.size} />;
    case "text":
      return <TextView digest={view.digest} />;
    default:
      if (view.card !== null) return <Carded {...shown} card={view.card} />;
      return (
        <ObjectView view={view}>
          <PortReceipt run={run} node={node} port={port} />
        </ObjectView>
      );
  }
}

function Carded({ view, card, run, node, port }: ContentProps & { card: ObjectCard }) {
  const holds = useHolds(run, node, port);
  return (
    <Suspense fallback={<Waiting label="Opening the object" />}>
      <CardView card={card} holds={holds} size={view.size} digest={view.digest}>
        <PortReceipt run={run} node={node} port={port} />
      </CardView>
    </Suspense>
  );
}

function PortTable({ view, run, node, port, experiment }: ContentProps) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const head = useHead(view.digest);
  const otherHead = useHead(chosen?.digest ?? null);
  const other = chosen && otherHead.data ? { run: chosen.run, head: otherHead.data } : null;
  return (
    <TableView
      digest={view.digest}
      name={`${node}, ${port}`}
      other={other}
      sections={
        <>
          <Section title="Type receipt">
            <PortReceipt run={run} node={node} port={port} />
          </Section>
          {experiment !== null && head.data && (
            <Section title="Compare with another run" isOpen={chosen !== null}>
              <RunComparison
                experiment={experiment}
                run={run}
                node={node}
                port={port}
                head={head.data}
                chosen={chosen}
                other={otherHead.data && chosen ? otherHead.data : null}
                onChoose={setChosen}
              />
            </Section>
          )}
          <p className="visualize-size soft">{bytes(view.size)} in the store</p>
        </>
      }
    />
  );
}
