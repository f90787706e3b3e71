// How far one upload is: bar, bytes, rate, time left.
import { bytes, duration } from "../ui/quantities";
import { type FileUpload, progressOf } from "./useUpload";

const SAID: Record<FileUpload["stage"], string> = {
  waiting: "waits for its turn",
  sending: "is being sent",
  broken: "the server does not answer; trying again",
  stopped: "stopped",
  sent: "is sent",
  reading: "is being read",
  failed: "could not be read",
};

export function UploadProgress({ upload }: { upload: FileUpload }) {
  const { share, left, rate } = progressOf(upload);
  const { stage } = upload;
  const percent = Math.floor(share * 100);
  const facts = [SAID[stage]];
  if (stage === "sending" || stage === "broken") facts.push(`${bytes(upload.sent)} of ${bytes(upload.file.size)}`);
  if (stage === "sending" && rate !== null) facts.push(`${bytes(Math.round(rate))}/s`);
  if (stage === "sending" && left !== null) facts.push(`${duration(left)} left`);
  if (stage === "sent" || stage === "reading") facts.push(bytes(upload.file.size));
  return (
    <div className="upload-progress">
      <progress
        className={`upload-bar upload-bar-${stage}`}
        aria-label={`Upload of ${upload.file.name}`}
        max={100}
        value={stage === "reading" ? undefined : percent}
      />
      <p className="soft number">{facts.join(" · ")}</p>
    </div>
  );
}
