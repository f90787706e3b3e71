// Beside the script: what its function gets, port by port, with the first rows of the last results.
import { Play, TableProperties } from "lucide-react";

import { Button } from "../ui/Button";
import { EmptyState } from "../ui/Waiting";
import { FramePreview } from "./FramePreview";
import type { Frame } from "./scriptColumns";
import type { NodeInput } from "./inputs";

interface InputsPaneProps {
  inputs: NodeInput[];
  frames: Frame[];
  onRun: (nodes: string[]) => void;
}

export function InputsPane({ inputs, frames, onRun }: InputsPaneProps) {
  if (inputs.length === 0) {
    return (
      <EmptyState icon={<TableProperties size={26} />} title="Nothing is connected">
        Connect a dataset to this node, and its columns are completed here.
      </EmptyState>
    );
  }
  return (
    <div className="editor-pane">
      {inputs.map((input) => {
        const name = frames.find((frame) => frame.port === input.port)?.name;
        return (
          <section key={input.port} className="editor-input">
            <header className="editor-input-head">
              <h3>
                <code>{name ?? input.port}</code>
                <span className="soft"> from {input.source}</span>
              </h3>
              {!input.isCurrent && (
                <Button look="quiet" icon={<Play size={14} aria-hidden />} onClick={() => onRun([input.sourceNode])}>
                  {input.digest ? "Bring up to date" : `Run ${input.sourceNode}`}
                </Button>
              )}
            </header>
            {input.digest ? (
              <FramePreview digest={input.digest} label={`First rows of ${name ?? input.port}`} />
            ) : (
              <p className="soft">It has no result yet.</p>
            )}
          </section>
        );
      })}
    </div>
  );
}
