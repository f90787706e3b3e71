// The end of publishing: the address, the keys once, and where to go on [78, 79].
import { CircleCheck, ExternalLink } from "lucide-react";

import type { Published } from "../api/types";
import { CopyButton } from "./CopyButton";
import { ShownKeys } from "./ShownKeys";

export function PublishDone({ published }: { published: Published }) {
  const { service, version, keys } = published;
  return (
    <div className="services-parts">
      <p className="publish-verdict" role="status">
        <CircleCheck size={22} aria-hidden />
        <span>
          Version {version.number} of <strong>{service.name}</strong> is published
          {published.is_live ? " and answers." : ` and is on standby; version ${service.live} answers.`}
        </span>
      </p>
      <dl className="facts">
        <dt>Address</dt>
        <dd>
          <span className="services-address">
            <code>POST {service.addresses.own}</code>
            <CopyButton text={service.addresses.own} what="the address" />
          </span>
        </dd>
        <dt>Help</dt>
        <dd>
          <a href={service.addresses.help} target="_blank" rel="noreferrer">
            What requests and answers look like <ExternalLink size={12} aria-hidden />
          </a>
        </dd>
      </dl>
      {version.warnings.map((warning) => (
        <p key={warning} className="services-warning" role="note">
          {warning}
        </p>
      ))}
      {keys ? (
        <section>
          <h2>Keys</h2>
          <ShownKeys keys={keys} />
        </section>
      ) : (
        <p className="soft">Addresses and keys are as before.</p>
      )}
    </div>
  );
}
