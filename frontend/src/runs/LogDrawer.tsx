// The drawer above the command bar: live log of all nodes or of one, and their times [43, 55].
import { X } from "lucide-react";

import { edit, useDocument } from "../document/store";
import { LogView } from "../panel/LogView";
import { IconButton } from "../ui/Button";
import { StateMark } from "../ui/StateMark";
import { Tabs } from "../ui/Tabs";
import { GanttChart } from "./GanttChart";
import { useDrawer } from "./log";

const WITH_LOG = new Set(["running", "finished", "failed", "cancelled", "reused"]);

export function LogDrawer() {
  const { tab, node, run: asked } = useDrawer();
  const document = useDocument((state) => state.document);
  const statuses = useDocument((state) => state.statuses);
  const latest = useDocument((state) => state.run);
  if (document === null) return null;
  const inRun = Object.values(statuses).filter((one) => one.run != null && WITH_LOG.has(one.state));
  const worked = latest
    ? Object.fromEntries(Object.entries(statuses).filter(([, one]) => one.run === latest.number))
    : {};
  const shown = node === null ? inRun.filter((one) => one.run === latest?.number) : inRun.filter((one) => one.node === node);

  const log = (
    <div className="log-drawer-log">
      {shown.length === 0 && <p className="soft">Nothing has run yet.</p>}
      {shown.map((one) => (
        <LogView
          key={one.node}
          run={one.reused_run ?? (node === one.node ? (asked ?? one.run) : one.run) ?? 0}
          node={one.node}
          isRunning={one.state === "running"}
          head={
            node !== null ? undefined : (
              <h4>
                <StateMark state={one.state} size={14} />
                <button type="button" onClick={() => edit.select([one.node])}>
                  {one.node}
                </button>
              </h4>
            )
          }
        />
      ))}
    </div>
  );

  return (
    <section className="log-drawer" aria-label="Log and times">
      <Tabs
        label="Log and times"
        value={tab}
        onChange={(id) => useDrawer.setState({ tab: id as "log" | "times" })}
        extra={
          <span className="log-drawer-extra">
            {tab === "log" && (
              <select
                className="input"
                aria-label="Node"
                value={node ?? ""}
                onChange={(event) => useDrawer.setState({ node: event.target.value || null, run: null })}
              >
                <option value="">all nodes of the last run</option>
                {inRun.map((one) => (
                  <option key={one.node}>{one.node}</option>
                ))}
              </select>
            )}
            <IconButton label="Close the log" onClick={() => useDrawer.setState({ isOpen: false })}>
              <X size={16} aria-hidden />
            </IconButton>
          </span>
        }
        tabs={[
          { id: "log", label: "Log", content: log },
          {
            id: "times",
            label: "Times",
            content: (
              <GanttChart
                document={document}
                statuses={worked}
                isRunning={latest?.state === "running"}
                onSelect={(name) => edit.select([name])}
              />
            ),
          },
        ]}
      />
    </section>
  );
}
