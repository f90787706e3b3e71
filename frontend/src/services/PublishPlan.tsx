// What a version will contain, before it is made [87].
import type { PlannedNode, PublishPlan as Plan } from "../api/types";

export function PublishPlan({ plan }: { plan: Plan }) {
  const groups = [
    { title: "Runs at each request", help: "Its script or settings, and the lock of its environment, are frozen.", nodes: plan.at_request },
    { title: "Runs once, now", help: "What it gives, such as a model or a lookup table, becomes part of the version.", nodes: plan.once },
    { title: "Left out", help: "Requests replace it, or nothing that is returned needs it.", nodes: plan.left_out },
  ];
  return (
    <section className="publish-plan" aria-label="What the version will contain">
      <h2>What the version will contain</h2>
      <div className="publish-groups">
        {groups.map((group) => (
          <div key={group.title} className="publish-group">
            <h3>
              {group.title} <span className="soft">{group.nodes.length}</span>
            </h3>
            <p className="soft">{group.help}</p>
            <ul>
              {group.nodes.map((node) => (
                <Item key={node.node} node={node} />
              ))}
              {group.nodes.length === 0 && <li className="soft">nothing</li>}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

function Item({ node }: { node: PlannedNode }) {
  return (
    <li>
      <strong>{node.node}</strong>
      <div className="soft">
        {node.module_name} · {node.environment}
      </div>
    </li>
  );
}
