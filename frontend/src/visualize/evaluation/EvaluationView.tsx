// An evaluation as people judge it: metrics side by side, curves, confusion by threshold, errors; the table beside [67].
import { type ReactNode, useState } from "react";

import { splitSource } from "../../document/changes";
import { own } from "../../document/records";
import { Tabs } from "../../ui/Tabs";
import { Asked } from "../../ui/Waiting";
import { useRun } from "../tableQueries";
import { ConfusionTable } from "./ConfusionTable";
import { ErrorHistogram } from "./ErrorHistogram";
import type { Confusion, Evaluation } from "./evaluating";
import { MetricsTable } from "./MetricsTable";
import { TwoClasses } from "./TwoClasses";
import { useEvaluation } from "./useEvaluation";
import "./evaluation.css";

interface EvaluationViewProps {
  run: number;
  node: string;
  /** The plain table of the port that is looked at. */
  table: ReactNode;
}

export default function EvaluationView({ run, node, table }: EvaluationViewProps) {
  const query = useEvaluation(run, node);
  const names = useDatasetNames(run, node);
  const [chosen, setChosen] = useState("evaluation");
  if (query.data !== undefined && isEmpty(query.data)) return table; // of clusters, or of no rows
  return (
    <Tabs
      label="Views of the evaluation"
      value={chosen}
      onChange={setChosen}
      tabs={[
        {
          id: "evaluation",
          label: "Evaluation",
          content: (
            <Asked query={query} label="Reading the evaluation">
              {(known) => <Shown evaluation={known} names={names} />}
            </Asked>
          ),
        },
        { id: "table", label: "Table", content: <div className="evaluation-table">{table}</div> },
      ]}
    />
  );
}

const isEmpty = ({ metrics, curves, errors, confusions }: Evaluation): boolean =>
  metrics.length + curves.length + errors.length + confusions.length === 0;

function Shown({ evaluation, names }: { evaluation: Evaluation; names: string[] }) {
  const { metrics, curves, errors, confusions } = evaluation;
  const nameOf = (dataset: number): string => names[dataset - 1] ?? `Dataset ${dataset}`;
  return (
    <div className="evaluation">
      {metrics.length > 0 && <MetricsTable metrics={metrics} nameOf={nameOf} />}
      <div className="evaluation-charts">
        {curves.length > 0 && <TwoClasses curves={curves} confusions={confusions} metrics={metrics} nameOf={nameOf} />}
        {errors.length > 0 && <ErrorHistogram errors={errors} nameOf={nameOf} />}
        {curves.length === 0 && confusions.length > 0 && (
          <div className={`evaluation-confusions ${isWide(confusions) ? "is-wide" : ""}`}>
            {confusions.map((one) => (
              <ConfusionTable key={one.dataset} confusion={one} name={nameOf(one.dataset)} />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

const isWide = (confusions: Confusion[]): boolean => confusions.some(({ classes }) => classes.length > 5);

const INPUTS = ["scored_dataset", "scored_dataset_to_compare"];

/** What the evaluated datasets are called: the nodes that they came from in this run. */
function useDatasetNames(run: number, node: string): string[] {
  const snapshot = useRun(run);
  const inputs = own(snapshot.data?.document.nodes ?? {}, node)?.inputs ?? {};
  const sources = INPUTS.flatMap((name) => own(inputs, name) ?? []);
  const nodes = sources.map((source) => splitSource(source).node);
  return new Set(nodes).size === nodes.length ? nodes : sources;
}
