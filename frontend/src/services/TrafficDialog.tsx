// Shares the requests among versions, in percent that add up to 100.
import { useState } from "react";

import { problemOf, request } from "../api/client";
import type { Service, ServiceVersionRow } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ProblemBox } from "../ui/ProblemBox";
import { tell } from "../ui/Toast";
import { addressOf, useChange } from "./api";

interface TrafficDialogProps {
  service: Service;
  versions: ServiceVersionRow[];
  onClose: () => void;
}

export function TrafficDialog({ service, versions, onClose }: TrafficDialogProps) {
  const [shares, setShares] = useState<Record<number, number>>(() =>
    Object.fromEntries(versions.map((version) => [version.number, version.share])),
  );
  const split = useChange((wish: Record<number, number>) =>
    request<Service>(`${addressOf(service.name)}/traffic`, { method: "PUT", body: { shares: wish } }),
  );
  const others = versions.filter((version) => version.number !== service.live);
  const given = others.reduce((sum, version) => sum + (shares[version.number] ?? 0), 0);
  const rest = 100 - given;
  const isGood = rest >= 0 && others.every((version) => Number.isInteger(shares[version.number]));

  function save(): void {
    const wish = Object.fromEntries(
      others.map((version) => [version.number, shares[version.number] ?? 0]).filter(([, share]) => Number(share) > 0),
    ) as Record<number, number>;
    split.mutate(wish, {
      onSuccess: () => {
        tell(given > 0 ? "The requests are split." : `Version ${service.live} answers all requests.`);
        onClose();
      },
    });
  }

  return (
    <Dialog
      title="Split the requests"
      description="Each request is answered by one version, by chance with its percent. Good for trying a new one on a few."
      isOpen
      onClose={onClose}
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isGood || split.isPending} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <div className="form">
        <table className="services-traffic">
          <tbody>
            <tr>
              <th scope="row">version {service.live}, live</th>
              <td>
                <output className={`number ${rest < 0 ? "services-errors" : ""}`}>{rest} %</output>
              </td>
              <td className="soft">the rest</td>
            </tr>
            {others.map((version) => (
              <tr key={version.number}>
                <th scope="row">version {version.number}</th>
                <td>
                  <input
                    className="input services-percent"
                    type="number"
                    min={0}
                    max={100}
                    step={1}
                    aria-label={`Percent of version ${version.number}`}
                    value={Number.isNaN(shares[version.number]) ? "" : shares[version.number]}
                    onChange={(event) => setShares({ ...shares, [version.number]: event.target.valueAsNumber })}
                  />
                </td>
                <td className="soft">%</td>
              </tr>
            ))}
          </tbody>
        </table>
        {rest < 0 && (
          <p className="field-problem" role="alert">
            The shares are more than 100 % together.
          </p>
        )}
        {split.error && <ProblemBox problem={problemOf(split.error)} />}
      </div>
    </Dialog>
  );
}
