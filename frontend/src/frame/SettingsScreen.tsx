// The workspace's facts: folder, jail, what nodes may be granted, environments with their packages.
import { useState } from "react";

import { useEnvironment, useEnvironments, useWorkspace } from "../api/queries";
import { Asked } from "../ui/Waiting";
import "../ui/screen.css";

export default function SettingsScreen() {
  const workspace = useWorkspace();
  const environments = useEnvironments();
  const [chosen, setChosen] = useState<string | null>(null);
  const environment = useEnvironment(chosen);
  return (
    <div className="screen">
      <h1>Settings</h1>
      <Asked query={workspace}>
        {(facts) => (
          <dl className="facts">
            <dt>Workspace</dt>
            <dd>{facts.name}</dd>
            <dt>Folder</dt>
            <dd className="mono">{facts.path}</dd>
            <dt>studiolo</dt>
            <dd>{facts.version}</dd>
            <dt>Jail</dt>
            <dd>{facts.badge}</dd>
            <dt>Network that nodes may ask for</dt>
            <dd>{facts.network.join(", ") || "none"}</dd>
            <dt>Folders that nodes may ask to read</dt>
            <dd>{facts.read.join(", ") || "none"}</dd>
          </dl>
        )}
      </Asked>
      <p className="soft">
        These are lines of <code>studiolo.toml</code> in the workspace&apos;s folder.
      </p>
      <h2>Environments</h2>
      <Asked query={environments}>
        {(list) => (
          <table className="table">
            <thead>
              <tr>
                <th>Name</th>
                <th>Python</th>
                <th>State</th>
                <th>What it is</th>
                <th>
                  <span className="visually-hidden">Packages</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((one) => (
                <tr key={one.name}>
                  <td className="table-name">
                    {one.name} {one.is_default && <span className="tag">default</span>}
                  </td>
                  <td>{one.python}</td>
                  <td>{one.state}</td>
                  <td>{one.summary}</td>
                  <td>
                    <button
                      type="button"
                      className="button button-quiet"
                      aria-expanded={chosen === one.name}
                      disabled={one.state !== "ready"}
                      onClick={() => setChosen(chosen === one.name ? null : one.name)}
                    >
                      Packages
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Asked>
      {chosen !== null && (
        <Asked query={environment}>
          {(facts) => (
            <section aria-label={`Packages of ${facts.name}`}>
              <h3>
                {facts.packages.length} packages in {facts.name}
              </h3>
              <ul className="package-list mono">
                {facts.packages.map((one) => (
                  <li key={one.name}>
                    {one.name} <span className="soft">{one.version}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </Asked>
      )}
    </div>
  );
}
