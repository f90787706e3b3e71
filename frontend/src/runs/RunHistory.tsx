// The runs of this experiment, in a list over the bar: open one, locked, or compare two [70, 71, 73].
import { History } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { useRuns } from "../api/queries";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { duration, moment } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { Asked } from "../ui/Waiting";

export function RunHistory({ experiment }: { experiment: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button look="quiet" icon={<History size={16} aria-hidden />}>
          Run history
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="run-history" side="top" align="start" sideOffset={8} aria-label="Run history">
          <RunList experiment={experiment} onLeave={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function RunList({ experiment, onLeave }: { experiment: string; onLeave: () => void }) {
  const runs = useRuns(experiment);
  const [picked, setPicked] = useState<number[]>([]);
  const [, go] = useLocation();
  const [a, b] = [...picked].sort((one, other) => one - other);

  return (
    <Asked query={runs}>
      {(list) => (
        <>
          <div className="run-history-head">
            <h3>Run history</h3>
            <Button
              disabled={picked.length !== 2}
              title={picked.length === 2 ? undefined : "Tick two runs"}
              onClick={() => {
                if (a === undefined || b === undefined) return;
                onLeave();
                go(routes.compare(experiment, a, b));
              }}
            >
              Compare
            </Button>
          </div>
          {list.length === 0 && <p className="soft run-history-none">It has not run yet.</p>}
          <ul className="run-history-list">
            {list.map((run) => (
              <li key={run.number}>
                <input
                  type="checkbox"
                  aria-label={`Compare run ${run.number}`}
                  checked={picked.includes(run.number)}
                  onChange={(event) =>
                    setPicked(
                      event.target.checked
                        ? [...picked.slice(-1), run.number]
                        : picked.filter((one) => one !== run.number),
                    )
                  }
                />
                <Link to={routes.run(experiment, run.number)} onClick={onLeave}>
                  <StateMark state={run.state} />
                  <b>Run {run.number}</b>
                  <span className="number">{moment(run.started)}</span>
                  <span className="soft number">{run.ended == null ? "" : duration(run.ended - run.started)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </Asked>
  );
}
