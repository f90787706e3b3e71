// The bar at the bottom of an experiment: new, history, saved state, undo, redo, run, log, web service [4, 5, 70-72].
import { Globe, Redo2, ScrollText, Undo2 } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";

import { edit, useDocument } from "../document/store";
import { Button, IconButton } from "../ui/Button";
import { type Command, useOfferedCommands } from "../ui/commands";
import "./command-bar.css";
import { useDrawer } from "./log";
import { LogDrawer } from "./LogDrawer";
import { NewMenu } from "./NewMenu";
import { Refused } from "./Refused";
import { RunButton } from "./RunButton";
import { RunHistory } from "./RunHistory";
import { RunProgress } from "./RunProgress";
import { SavedState } from "./SavedState";

const PublishDialog = lazy(() => import("../services/PublishDialog"));

export function CommandBar() {
  const name = useDocument((state) => state.name);
  const canUndo = useDocument((state) => state.canUndo);
  const canRedo = useDocument((state) => state.canRedo);
  const hasService = useDocument((state) => (state.document?.web_service ?? null) !== null);
  const isReadOnly = useDocument((state) => state.isReadOnly);
  const isDrawerOpen = useDrawer((state) => state.isOpen);
  const [isPublishing, setPublishing] = useState(false);
  const publishLabel = hasService ? "Publish …" : "Set up web service";

  useOfferedCommands(
    useMemo<Command[]>(
      () => [
        { id: "publish", group: "Web service", label: publishLabel, run: () => setPublishing(true) },
        {
          id: "drawer",
          group: "Run",
          label: "Show or hide the log",
          run: () => useDrawer.setState((state) => ({ isOpen: !state.isOpen })),
        },
      ],
      [publishLabel],
    ),
  );

  if (name === null) return null;
  return (
    <div className="command-bar-place">
      <Refused />
      {isDrawerOpen && <LogDrawer />}
      <div className="command-bar" role="toolbar" aria-label="Experiment">
        <NewMenu />
        <span className="command-bar-middle">
          <RunHistory experiment={name} />
          <SavedState />
          <IconButton
            label={canUndo ? `Undo: ${canUndo}` : "Undo"}
            keys="Ctrl+Z"
            disabled={canUndo === null}
            onClick={() => edit.undo()}
          >
            <Undo2 size={17} aria-hidden />
          </IconButton>
          <IconButton
            label={canRedo ? `Redo: ${canRedo}` : "Redo"}
            keys="Ctrl+Y"
            disabled={canRedo === null}
            onClick={() => edit.redo()}
          >
            <Redo2 size={17} aria-hidden />
          </IconButton>
          <RunButton />
          <RunProgress />
        </span>
        <IconButton
          label="Log"
          isPressed={isDrawerOpen}
          onClick={() => useDrawer.setState({ isOpen: !isDrawerOpen, node: null, run: null })}
        >
          <ScrollText size={17} aria-hidden />
        </IconButton>
        <Button icon={<Globe size={16} aria-hidden />} disabled={isReadOnly} onClick={() => setPublishing(true)}>
          {publishLabel}
        </Button>
      </div>
      <Suspense>{isPublishing && <PublishDialog experiment={name} onClose={() => setPublishing(false)} />}</Suspense>
    </div>
  );
}
