// What surrounds every screen: dark bar on top, rail of places on the left, and the line that says when the server is gone.
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useLocation } from "wouter";

import { useEvent } from "../api/events";
import { useFreshQueries, useWorkspace } from "../api/queries";
import { useSession } from "../api/session";
import { type Command, useOfferedCommands } from "../ui/commands";
import { useTheme } from "../ui/theme";
import { Rail, PLACES } from "./Rail";
import { TopBar } from "./TopBar";
import "./frame.css";

export function Frame({ children }: { children: ReactNode }) {
  useFreshQueries();
  const workspace = useWorkspace();
  const [isOnline, setOnline] = useState(true);
  const [isStale, setStale] = useState(false);
  const version = useSession((state) => state.version);
  const [, go] = useLocation();
  const choose = useTheme((state) => state.choose);

  useEvent("open", useCallback(() => setOnline(true), []));
  useEvent("closed", useCallback(() => setOnline(false), []));
  useEvent("hello", useCallback((hello) => setStale(version !== "" && hello.version !== version), [version]));

  useOfferedCommands(
    useMemo<Command[]>(
      () => [
        ...PLACES.map(({ label, to }) => ({ id: `go-${to}`, group: "Go to", label, run: () => go(to) })),
        { id: "light", group: "Look", label: "Light theme", run: () => choose("light") },
        { id: "dark", group: "Look", label: "Dark theme", run: () => choose("dark") },
        { id: "system", group: "Look", label: "Theme of the system", run: () => choose("system") },
      ],
      [go, choose],
    ),
  );

  return (
    <div className="frame">
      <TopBar workspace={workspace.data} />
      <Rail />
      <main className="frame-main">
        {!isOnline && (
          <p className="frame-notice" role="status">
            The server does not answer. Connecting again … What you change meanwhile is kept and saved then.
          </p>
        )}
        {isStale && (
          <p className="frame-notice" role="status">
            The server has another version now.
            <button type="button" className="button" onClick={() => window.location.reload()}>
              Reload
            </button>
          </p>
        )}
        {children}
      </main>
    </div>
  );
}
