// Makes a web service of an experiment in steps: what it offers, how it is called, the run, its address and keys [75-77, 85, 87].
import { useState } from "react";
import { useLocation } from "wouter";

import { problemOf, request } from "../api/client";
import { useServices } from "../api/queries";
import type { Published, PublishWish } from "../api/types";
import { useDocument } from "../document/store";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { tell, tellProblem } from "../ui/Toast";
import { Asked } from "../ui/Waiting";
import { useChange, useProposal } from "./api";
import { ConfirmDialog } from "./ConfirmDialog";
import { isServiceName, serviceName } from "./offers";
import { PublishDone } from "./PublishDone";
import { PublishOffers } from "./PublishOffers";
import { PublishProgress } from "./PublishProgress";
import { PublishSettings, type PublishDraft } from "./PublishSettings";
import "./services.css";
import "./publish.css";

type Step = "offers" | "settings" | "progress";

const STEPS: { id: Step; label: string }[] = [
  { id: "offers", label: "What it offers" },
  { id: "settings", label: "How it is published" },
  { id: "progress", label: "Publish" },
];

interface PublishDialogProps {
  experiment: string;
  onClose: () => void;
}

export default function PublishDialog({ experiment, onClose }: PublishDialogProps) {
  const revision = useDocument((state) => state.revision);
  const isSaved = useDocument((state) => state.saving === "saved");
  const title = useDocument((state) => state.document?.title ?? experiment);
  const run = useDocument((state) => state.run);
  const proposal = useProposal(experiment, revision);
  const services = useServices();
  const [, go] = useLocation();
  const [step, setStep] = useState<Step>("offers");
  const [isAsking, setAsking] = useState(false);
  const [draft, setDraft] = useState<PublishDraft>({ name: null, description: null, state: null, hasSample: true, isLive: true });
  const publish = useChange((wish: PublishWish) => request<Published>("/services", { body: wish }));

  const name = draft.name ?? proposal.data?.services[0] ?? serviceName(experiment);
  const existing = services.data?.find((one) => one.name === name && one.retired === null);
  const isFresh = isSaved && !proposal.isPlaceholderData && !proposal.isFetching;
  const isReady = isFresh && proposal.data?.is_set_up === true && proposal.data.plan !== null;
  const heading = existing ? `Publish ${title} again` : `Set up a web service of ${title}`;

  function start(): void {
    setAsking(false);
    setStep("progress");
    publish.mutate({
      experiment,
      name,
      description: draft.description,
      state: draft.state,
      run: null,
      has_sample: draft.hasSample,
      is_live: existing === undefined || draft.isLive,
    });
  }

  function close(): void {
    if (publish.isPending) tell("Publishing goes on. Its keys are shown here, so this window stays open until it ends.");
    else onClose();
  }

  async function cancel(): Promise<void> {
    try {
      await request(`/runs/${run?.number ?? 0}/cancel`, { method: "POST" });
    } catch (fault) {
      tellProblem(problemOf(fault));
    }
  }

  return (
    <Dialog
      title={publish.data ? `${name} is published` : heading}
      isOpen
      onClose={close}
      size="large"
      footer={
        publish.data ? (
          <>
            <Button onClick={onClose}>Close</Button>
            <Button look="primary" onClick={() => (onClose(), go(routes.service(name)))}>
              Open the service
            </Button>
          </>
        ) : step === "offers" ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" disabled={!isReady} onClick={() => setStep("settings")}>
              Next
            </Button>
          </>
        ) : (
          <>
            {publish.isPending ? (
              <Button disabled={run?.state !== "running"} onClick={() => void cancel()}>
                Cancel the run
              </Button>
            ) : (
              <Button onClick={() => (publish.reset(), setStep(step === "progress" ? "settings" : "offers"))}>Back</Button>
            )}
            <Button
              look="primary"
              disabled={!isReady || !isServiceName(name) || publish.isPending}
              onClick={() => (existing && draft.isLive ? setAsking(true) : start())}
            >
              {publish.isPending ? "Publishing …" : publish.error ? "Try again" : "Publish"}
            </Button>
          </>
        )
      }
    >
      {!publish.data && <Steps step={step} />}
      <Asked query={proposal}>
        {(found) =>
          step === "offers" ? (
            <PublishOffers proposal={found} isFresh={isFresh} />
          ) : step === "settings" ? (
            <PublishSettings draft={draft} name={name} existing={existing} proposal={found} onChange={setDraft} />
          ) : publish.data ? (
            <PublishDone published={publish.data} />
          ) : (
            <PublishProgress
              isRunning={publish.isPending}
              problem={publish.error ? problemOf(publish.error) : null}
              onClose={onClose}
            />
          )
        }
      </Asked>
      {isAsking && existing && (
        <ConfirmDialog title={`Publish a new version of ${name}?`} action="Publish" onConfirm={start} onClose={() => setAsking(false)}>
          <p>
            The new version answers all requests to {name} as soon as it is made, at the same addresses with the same keys.
            Version {existing.live}, which answers now, stays: you can roll back to it at any time.
          </p>
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

function Steps({ step }: { step: Step }) {
  const at = STEPS.findIndex((one) => one.id === step);
  return (
    <ol className="publish-steps" aria-label="Steps">
      {STEPS.map((one, index) => (
        <li key={one.id} aria-current={one.id === step ? "step" : undefined} data-done={index < at || undefined}>
          <span className="publish-number" aria-hidden>
            {index + 1}
          </span>
          {one.label}
        </li>
      ))}
    </ol>
  );
}
