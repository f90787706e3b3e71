// Below the run button's name: state, error with the cleaned trace, printed text as it comes, and the results.
import { Terminal } from "lucide-react";

import type { NodeStatus, Problem } from "../api/types";
import { ProblemBox } from "../ui/ProblemBox";
import { duration } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { EmptyState } from "../ui/Waiting";
import { PictureCard, useDevice } from "../visualize/DeviceView";
import { FramePreview } from "./FramePreview";
import { useNodeLog } from "./useNodeLog";

interface OutputPaneProps {
  node: string;
  file: string;
  status: NodeStatus | undefined;
  starting: string | null;
  refused: Problem | null;
  onLine: (line: number) => void;
}

const BUSY = new Set(["waiting", "running"]);

export function OutputPane({ node, file, status, starting, refused, onLine }: OutputPaneProps) {
  const state = status?.state ?? "not-run";
  const log = useNodeLog(status?.run ?? null, node, !BUSY.has(state));
  if (state === "not-run" && !starting && !refused) {
    return (
      <EmptyState icon={<Terminal size={26} />} title="Not run yet">
        Shift+Enter saves the script and runs this node.
      </EmptyState>
    );
  }
  const took = status?.started && status.ended ? duration(status.ended - status.started) : "";
  const tables = Object.entries(status?.outputs ?? {}).filter(([, result]) => result.kind === "dataset");
  const device = Object.values(status?.outputs ?? {}).find((result) => result.kind === "device");
  return (
    <div className="editor-pane">
      {refused && <ProblemBox problem={refused} onPlace={(problem) => problem.where.line && onLine(problem.where.line)} />}
      <p className="editor-run-state" role="status">
        {starting ? (
          <StateMark state="waiting" />
        ) : (
          <StateMark state={state} />
        )}
        <span>{starting ?? `Run ${status?.run ?? ""}: ${state}${took && `, ${took}`}`}</span>
        {!starting && status && !status.is_current && <span className="soft">the script has been changed since</span>}
      </p>
      {status?.error && <Failure problem={status.error} file={file} onLine={onLine} />}
      {(status?.warnings ?? []).map((warning) => (
        <p key={warning} className="editor-note">
          {warning}
        </p>
      ))}
      <h3>Printed</h3>
      {log ? (
        <pre className="editor-console" tabIndex={0} aria-label={`Printed by ${node}`}>
          {log}
        </pre>
      ) : (
        <p className="soft">{BUSY.has(state) ? "Nothing yet." : "Nothing."}</p>
      )}
      {device && <Pictures digest={device.digest} />}
      {tables.map(([port, result]) => (
        <section key={port} className="editor-input">
          <h3>
            <code>{port}</code>
          </h3>
          <FramePreview digest={result.digest} label={`First rows of ${port}`} />
        </section>
      ))}
    </div>
  );
}

/** What the script has drawn, one below the other. */
function Pictures({ digest }: { digest: string }) {
  const device = useDevice(digest);
  return device.data?.pictures.map((picture) => <PictureCard key={picture.address} picture={picture} />);
}

/** An error with its trace, whose lines in the script lead there. */
function Failure({ problem, file, onLine }: { problem: Problem; file: string; onLine: (line: number) => void }) {
  return (
    <div className="editor-failure">
      <ProblemBox
        problem={{ ...problem, traceback: "" }}
        onPlace={(one) => one.where.line && onLine(one.where.line)}
      />
      {problem.traceback && (
        <pre className="editor-console editor-trace" tabIndex={0} aria-label="Stack trace">
          {problem.traceback.split("\n").map((line, index) => (
            <TraceLine key={index} line={line} file={file} onLine={onLine} />
          ))}
        </pre>
      )}
    </div>
  );
}

function TraceLine({ line, file, onLine }: { line: string; file: string; onLine: (line: number) => void }) {
  const match = /^(\s*File ")([^"]*)(", line )(\d+)(.*)$/.exec(line);
  const isOurs = match && (match[2] === file || (match[2] ?? "").endsWith(`/${file}`));
  if (!match || !isOurs) return <>{line + "\n"}</>;
  return (
    <>
      {match[1]}
      <button type="button" className="editor-trace-link" onClick={() => onLine(Number(match[4]))}>
        {`${match[2]}${match[3]}${match[4]}`}
      </button>
      {`${match[5]}\n`}
    </>
  );
}
