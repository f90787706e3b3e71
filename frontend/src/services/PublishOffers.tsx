// Step 1: which ports requests fill, which ones are returned, which parameters they may set [75, 76].
import { Lightbulb } from "lucide-react";

import { useModules } from "../api/queries";
import type { ServiceProposal, WebServiceDocument } from "../api/types";
import { edit, useDocument } from "../document/store";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { OfferedParameters } from "./OfferedParameters";
import { OfferedPorts } from "./OfferedPorts";
import { EMPTY, freePorts, isEmpty, possibleTargets, type Side } from "./offers";

interface PublishOffersProps {
  proposal: ServiceProposal;
  /** The proposal is one for what is offered now. */
  isFresh: boolean;
}

export function PublishOffers({ proposal, isFresh }: PublishOffersProps) {
  const document = useDocument((state) => state.document);
  const modules = useModules();
  const offer = document?.web_service ?? EMPTY;
  const isNothing = isEmpty(offer);

  function change(next: WebServiceDocument, label: string): void {
    edit.set(["web_service"], isEmpty(next) ? null : next, label);
  }

  const side = (which: Side, word: string) => (
    <OfferedPorts
      word={word}
      ports={offer[which]}
      free={freePorts(which, proposal, offer)}
      onChange={(ports, label) => change({ ...offer, [which]: ports }, label)}
    />
  );

  return (
    <div className="services-parts">
      {isNothing && !isEmpty(proposal.offer) && <Proposed proposal={proposal} onTake={() => change(proposal.offer, "Set up web service")} />}
      <section>
        <h2>Inputs</h2>
        <p className="soft">Each stands for a port whose connection the rows of a request replace.</p>
        {side("inputs", "input")}
      </section>
      <section>
        <h2>Outputs</h2>
        <p className="soft">Tables that a request gets back.</p>
        {side("outputs", "output")}
      </section>
      <section>
        <h2>Parameters</h2>
        <p className="soft">Values that a request may set; without it the node’s own value counts.</p>
        <OfferedParameters
          parameters={offer.parameters}
          targets={document ? possibleTargets(document, modules.data?.modules ?? []) : []}
          onChange={(parameters, label) => change({ ...offer, parameters }, label)}
        />
      </section>
      {!isNothing &&
        isFresh &&
        proposal.is_set_up &&
        proposal.problems.map((problem, index) => <ProblemBox key={index} problem={problem} />)}
      {isNothing && isEmpty(proposal.offer) && proposal.problems.map((problem, index) => <ProblemBox key={index} problem={problem} />)}
    </div>
  );
}

function Proposed({ proposal, onTake }: { proposal: ServiceProposal; onTake: () => void }) {
  return (
    <section className="publish-proposal" aria-label="Proposal">
      <h2>
        <Lightbulb size={16} aria-hidden /> Proposal
      </h2>
      <dl className="facts">
        {Object.entries(proposal.offer.inputs).map(([name, port]) => (
          <div key={name} className="publish-proposed">
            <dt>{name}</dt>
            <dd>
              fills <code>{port}</code>
            </dd>
          </div>
        ))}
        {Object.entries(proposal.offer.outputs).map(([name, port]) => (
          <div key={name} className="publish-proposed">
            <dt>{name}</dt>
            <dd>
              returns <code>{port}</code>
            </dd>
          </div>
        ))}
      </dl>
      <ul className="publish-reasons soft">
        {proposal.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <div>
        <Button look="primary" onClick={onTake}>
          Use this proposal
        </Button>
      </div>
    </section>
  );
}
