// The right panel: the experiment, the selected node, or what can be done with several [44-46].
import { useMemo, useState } from "react";

import { useModules } from "../api/queries";
import { useDocument } from "../document/store";
import { Tabs } from "../ui/Tabs";
import { Waiting } from "../ui/Waiting";
import { ExperimentFacts } from "./ExperimentFacts";
import { ManyPanel } from "./ManyPanel";
import { NodePanel } from "./NodePanel";
import { Source, type PanelSource } from "./source";
import "./panel.css";
import "./panel-fields.css";

export function Panel() {
  const document = useDocument((state) => state.document);
  const name = useDocument((state) => state.name);
  const isReadOnly = useDocument((state) => state.isReadOnly);
  const statuses = useDocument((state) => state.statuses);
  const run = useDocument((state) => state.run);
  const selection = useDocument((state) => state.selection);
  const modules = useModules().data?.modules;
  const [tab, setTab] = useState("properties");

  const source = useMemo<PanelSource | null>(
    () =>
      document && {
        document,
        statuses,
        run,
        isReadOnly,
        modules: Object.fromEntries((modules ?? []).map((one) => [one.id, one])),
      },
    [document, statuses, run, isReadOnly, modules],
  );
  if (source === null || name === null || modules === undefined) {
    return (
      <div className="panel">
        <Waiting />
      </div>
    );
  }
  const [only] = selection;
  return (
    <Source value={source}>
      <div className="panel">
        {selection.length === 0 ? (
          <ExperimentFacts name={name} />
        ) : (
          <Tabs
            label="Panel"
            value={tab}
            onChange={setTab}
            tabs={[
              {
                id: "properties",
                label: "Properties",
                content:
                  selection.length === 1 && only !== undefined ? (
                    <NodePanel key={only} experiment={name} name={only} />
                  ) : (
                    <ManyPanel names={selection} />
                  ),
              },
              { id: "experiment", label: "Experiment", content: <ExperimentFacts name={name} /> },
            ]}
          />
        )}
      </div>
    </Source>
  );
}
