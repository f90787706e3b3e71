// What is inside the environment the script runs in: its Python and packages, with a search.
import { useState } from "react";

import { useEnvironment } from "../api/queries";
import { Asked } from "../ui/Waiting";

export function EnvironmentPane({ name, note }: { name: string; note: string }) {
  const [wanted, setWanted] = useState("");
  const environment = useEnvironment(name || null);
  return (
    <div className="editor-pane">
      {note && <p className="editor-note">{note}</p>}
      <Asked query={environment} label="Looking into the environment">
        {(known) => {
          const shown = known.packages.filter((one) => one.name.toLowerCase().includes(wanted.toLowerCase()));
          return (
            <>
              <p>
                <strong>{known.name}</strong>
                {known.python && <span className="soft">, Python {known.python}</span>}
              </p>
              {known.summary && <p className="soft">{known.summary}</p>}
              <input
                className="editor-packages-search"
                type="search"
                aria-label="Search packages"
                placeholder={`Search ${known.packages.length} packages`}
                value={wanted}
                onChange={(event) => setWanted(event.target.value)}
              />
              <ul className="editor-packages" aria-label={`Packages of ${known.name}`}>
                {shown.map((one) => (
                  <li key={one.name}>
                    <span>{one.name}</span>
                    <code>{one.version}</code>
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Asked>
    </div>
  );
}
