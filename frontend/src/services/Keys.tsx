// The two keys of a service: known by their ends, made anew, shown once [78].
import { KeyRound } from "lucide-react";
import { useState } from "react";

import { problemOf, request } from "../api/client";
import type { NewKey, Service, ServiceKey } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { moment } from "../ui/quantities";
import { addressOf, useChange } from "./api";
import { ConfirmDialog } from "./ConfirmDialog";
import { ShownKeys } from "./ShownKeys";

export function Keys({ service, keys }: { service: Service; keys: ServiceKey[] }) {
  const [asked, setAsked] = useState<string | null>(null);
  const [made, setMade] = useState<NewKey | null>(null);
  const rotate = useChange((slot: string) =>
    request<NewKey>(`${addressOf(service.name)}/keys/${slot}`, { method: "POST" }),
  );

  async function make(slot: string): Promise<void> {
    setMade(await rotate.mutateAsync(slot));
    setAsked(null);
  }

  return (
    <section>
      <h2>Keys</h2>
      <p className="soft">
        Either key opens the service: programs send <code>Authorization: Bearer KEY</code>. To change both without a
        gap, make one anew, give it to the programs, then make the other one anew.
      </p>
      <table className="table services-keys">
        <tbody>
          {keys.map((key) => (
            <tr key={key.slot}>
              <th scope="row">
                <KeyRound size={14} aria-hidden /> {key.slot}
              </th>
              <td>
                <code aria-hidden>••••••••••••{key.tail}</code>
                <span className="visually-hidden">ends in {key.tail}</span>
              </td>
              <td className="soft">made {moment(key.created)}</td>
              <td className="is-number">
                <Button onClick={() => setAsked(key.slot)}>
                  Make a new {key.slot} key
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked !== null && (
        <ConfirmDialog
          title={`Make a new ${asked} key?`}
          action="Make a new key"
          isDanger
          isBusy={rotate.isPending}
          problem={rotate.error ? problemOf(rotate.error) : null}
          onConfirm={() => void make(asked).catch(() => undefined)}
          onClose={() => setAsked(null)}
        >
          <p>
            The {asked} key of today opens nothing any more, from now on. Programs that use it are refused until they have
            the new one. The other key goes on.
          </p>
        </ConfirmDialog>
      )}
      {made !== null && (
        <Dialog
          title="The new key"
          isOpen
          size="large"
          onClose={() => setMade(null)}
          footer={
            <Button look="primary" onClick={() => setMade(null)}>
              I have kept it
            </Button>
          }
        >
          <ShownKeys keys={{ [made.slot]: made.key }} />
        </Dialog>
      )}
    </section>
  );
}
