// How programs call the service: address, key, and programs with the real names of its columns [83].
import { Download } from "lucide-react";
import { useState } from "react";

import type { Client, Service } from "../api/types";
import { Asked } from "../ui/Waiting";
import { Button } from "../ui/Button";
import { useClients } from "./api";
import { Choice } from "./Choice";
import { CopyButton } from "./CopyButton";

type Form = "own" | "classic" | "batch";

const SAID: Record<Form, string> = {
  own: "Typed JSON: numbers are numbers, missing values are null. For new programs.",
  classic: "The form of the Machine Learning Studio, byte for byte: old clients only change address and key.",
  batch: "For large tables: the job reads files that lie elsewhere and writes its results to files.",
};

export function Consume({ service }: { service: Service }) {
  const [form, setForm] = useState<Form>("own");
  const clients = useClients(service.name, form);
  const address = { own: service.addresses.own, classic: service.addresses.execute, batch: service.addresses.jobs }[form];
  return (
    <div className="services-parts">
      <Choice<Form>
        label="Endpoint"
        value={form}
        options={[
          { value: "own", label: "Request/response" },
          { value: "classic", label: "Classic" },
          { value: "batch", label: "Batch" },
        ]}
        onChange={setForm}
      />
      <p className="soft">{SAID[form]}</p>
      <dl className="facts">
        <dt>Address</dt>
        <dd>
          <span className="services-address">
            <code>POST {address}</code>
            <CopyButton text={address} what="the address" />
          </span>
        </dd>
        <dt>Key</dt>
        <dd>
          One of the two keys, as <code>Authorization: Bearer KEY</code>. The programs below take it from the environment
          variable <code>STUDIOLO_KEY</code>, so that it stands in no file.
        </dd>
      </dl>
      <Asked query={clients}>{(found) => <Programs key={form} clients={found} />}</Asked>
    </div>
  );
}

function Programs({ clients }: { clients: Client[] }) {
  const [language, setLanguage] = useState(clients[0]?.language ?? "");
  const shown = clients.find((one) => one.language === language);
  return (
    <section aria-label="Programs">
      <div className="services-bar">
        <Choice
          label="Language"
          value={language}
          options={clients.map((one) => ({ value: one.language, label: one.title }))}
          onChange={setLanguage}
        />
        {shown && (
          <div className="services-actions">
            <CopyButton text={shown.text} what={`the program in ${shown.title}`} withWords />
            <Button icon={<Download size={14} aria-hidden />} onClick={() => save(shown)}>
              {shown.file}
            </Button>
          </div>
        )}
      </div>
      {shown && (
        <pre className="services-program" role="region" aria-label={`Program in ${shown.title}`} tabIndex={0}>
          {shown.text}
        </pre>
      )}
    </section>
  );
}

function save(client: Client): void {
  const address = URL.createObjectURL(new Blob([client.text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = client.file;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
