// What to make of a chosen file: name and how to read it; errors of reading, with the options still open to change.
import { FileUp } from "lucide-react";
import { type FormEvent, useState } from "react";

import { useDatasets, useModules } from "../api/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import { optionsOf, sentOptions, shownOptions } from "./importing";
import { OptionFields } from "./OptionFields";
import { UploadProgress } from "./UploadProgress";
import { cancelUpload, confirmUpload, type FileUpload, retryUpload } from "./useUpload";

interface UploadDialogProps {
  upload: FileUpload;
  onClose: () => void;
}

/** Those that most files are about: format, header row, delimiter. */
const FIRST_OPTIONS = 3;

export function UploadDialog({ upload, onClose }: UploadDialogProps) {
  const modules = useModules();
  const datasets = useDatasets();
  const [name, setName] = useState(upload.name);
  const [chosen, setChosen] = useState(upload.options);
  const parameters = optionsOf(modules.data?.modules ?? []);
  const isZip = /\.zip$/i.test(upload.file.name) && (chosen.format ?? "auto") === "auto";
  const shown = isZip ? parameters.filter((one) => one.name === "format") : shownOptions(parameters, chosen);
  const choose = (option: string, value: unknown): void => setChosen((known) => ({ ...known, [option]: value }));
  const before = datasets.data?.find((one) => one.name === name.trim());
  const isBusy = upload.isConfirmed && upload.stage !== "failed" && upload.stage !== "stopped";
  const { key, stage } = upload;

  function submit(event: FormEvent): void {
    event.preventDefault();
    confirmUpload(key, name.trim(), sentOptions(parameters, chosen));
  }

  return (
    <Dialog
      title={`Upload ${upload.file.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button
            onClick={() => {
              onClose();
              void cancelUpload(key);
            }}
          >
            Cancel upload
          </Button>
          {stage === "stopped" && <Button onClick={() => retryUpload(key)}>Try again</Button>}
          {isBusy ? (
            <Button look="primary" onClick={onClose}>
              Go on in the background
            </Button>
          ) : (
            <Button look="primary" type="submit" form="upload" icon={<FileUp size={15} aria-hidden />} disabled={name.trim() === ""}>
              {stage === "failed" ? "Read again" : "Add dataset"}
            </Button>
          )}
        </>
      }
    >
      <form id="upload" className="form" onSubmit={submit}>
        <UploadProgress upload={upload} />
        {upload.problem && stage !== "broken" && <ProblemBox problem={upload.problem} />}
        <fieldset className="upload-fields" disabled={isBusy}>
          <Field label="Name" help={before ? `${before.name} exists: this becomes its version ${before.version + 1}.` : "Nodes of any experiment use it by this name."}>
            {(ids) => <input {...ids} className="input" autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          {isZip ? (
            <p className="soft">
              A zip stays a zip: it can be a node&apos;s script bundle. To read a table out of it, choose another format.
            </p>
          ) : null}
          <OptionFields parameters={shown.slice(0, FIRST_OPTIONS)} chosen={chosen} onChange={choose} />
          {shown.length > FIRST_OPTIONS && (
            <details className="upload-more" open={stage === "failed"}>
              <summary>More options</summary>
              <div className="upload-fields">
                <OptionFields parameters={shown.slice(FIRST_OPTIONS)} chosen={chosen} onChange={choose} />
              </div>
            </details>
          )}
        </fieldset>
      </form>
    </Dialog>
  );
}
