// One experiment: palette, canvas with its title, properties, command bar; editor and viewer over them when asked for.
import { PanelLeftOpen, PanelRightOpen } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Link } from "wouter";

import type { Problem } from "../api/types";
import { closeDocument, edit, openDocument, useDocument } from "../document/store";
import { Palette } from "../palette/Palette";
import { Panel } from "../panel/Panel";
import { routes } from "../routes";
import { CommandBar } from "../runs/CommandBar";
import { IconButton } from "../ui/Button";
import { type Command, useOfferedCommands } from "../ui/commands";
import { ProblemBox } from "../ui/ProblemBox";
import { EmptyState, Waiting } from "../ui/Waiting";
import { Canvas } from "./Canvas";
import { ConflictDialog } from "./ConflictDialog";
import "./experiment-screen.css";
import { Splitter, useRemembered } from "./Splitter";
import { resetCanvas, setCanvas, useCanvas } from "./state";
import { TitleBar } from "./TitleBar";

const ScriptEditor = lazy(() => import("../editor/ScriptEditor"));
const VisualizeDialog = lazy(() => import("../visualize/VisualizeDialog"));
const SaveAsDatasetDialog = lazy(() => import("../visualize/SaveAsDatasetDialog").then((file) => ({ default: file.SaveAsDatasetDialog })));

export function ExperimentScreen({ name }: { name: string }) {
  useEffect(() => {
    openDocument(name);
    resetCanvas();
    return closeDocument;
  }, [name]);
  const isOpen = useDocument((state) => state.document !== null && state.name === name);
  const missing = useDocument((state) => state.missing);

  if (missing !== null) {
    return (
      <EmptyState title={missing.summary}>
        <p>{missing.hint}</p>
        <Link to={routes.experiments()}>All experiments</Link>
      </EmptyState>
    );
  }
  if (!isOpen) return <Waiting label={`Opening ${name}`} />;
  return <OpenExperiment />;
}

function OpenExperiment() {
  const [paletteWidth, setPaletteWidth] = useRemembered("palette-width", 252);
  const [panelWidth, setPanelWidth] = useRemembered("panel-width", 332);
  const [hasPalette, setPalette] = useRemembered("palette", 1);
  const [hasPanel, setPanel] = useRemembered("panel", 1);
  const togglePalette = useCallback(() => setPalette(hasPalette > 0 ? -1 : 1), [hasPalette]);
  const togglePanel = useCallback(() => setPanel(hasPanel > 0 ? -1 : 1), [hasPanel]);

  useOfferedCommands(
    useMemo<Command[]>(
      () => [
        { id: "toggle-palette", group: "View", label: "Show or hide the list of modules", keys: "Ctrl+B", run: togglePalette },
        { id: "toggle-panel", group: "View", label: "Show or hide the properties", keys: "Ctrl+J", run: togglePanel },
      ],
      [togglePalette, togglePanel],
    ),
  );

  return (
    <div className="experiment">
      <div className="experiment-middle">
        {hasPalette > 0 ? (
          <>
            <aside className="experiment-palette" style={{ width: paletteWidth }} aria-label="Experiment items">
              <Palette onHide={togglePalette} />
            </aside>
            <Splitter label="Width of the list of modules" side="left" width={paletteWidth} least={180} most={480} onChange={setPaletteWidth} />
          </>
        ) : (
          <div className="experiment-closed is-left">
            <IconButton label="Show the list of modules" keys="Ctrl+B" onClick={togglePalette}>
              <PanelLeftOpen size={17} aria-hidden />
            </IconButton>
          </div>
        )}
        <section className="experiment-canvas" aria-label="Experiment">
          <FileProblems />
          <TitleBar />
          <Canvas />
        </section>
        {hasPanel > 0 ? (
          <>
            <Splitter label="Width of the properties" side="right" width={panelWidth} least={240} most={640} onChange={setPanelWidth} />
            <aside className="experiment-panel" style={{ width: panelWidth }} aria-label="Properties">
              <Panel />
            </aside>
          </>
        ) : (
          <div className="experiment-closed is-right">
            <IconButton label="Show the properties" keys="Ctrl+J" onClick={togglePanel}>
              <PanelRightOpen size={17} aria-hidden />
            </IconButton>
          </div>
        )}
      </div>
      <CommandBar />
      <Overlays />
      <ConflictDialog />
    </div>
  );
}

/** What is wrong with the file itself, with lines, while it cannot be edited here. */
function FileProblems() {
  const document = useDocument((state) => state.document);
  const [isOpen, setOpen] = useState(true);
  if (!document || document.is_readable) return null;
  const problems: Problem[] = document.problems;
  return (
    <div className="experiment-problems" role="alert">
      <p>
        <strong>The experiment’s file cannot be read in full.</strong> It is shown as far as it goes and can be edited here again when it is good.
        <button type="button" onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : "Show"} what is wrong
        </button>
      </p>
      {isOpen && problems.slice(0, 6).map((one, index) => <ProblemBox key={index} problem={one} />)}
    </div>
  );
}

function Overlays() {
  const editor = useDocument((state) => state.editor);
  const visualized = useDocument((state) => state.visualized);
  const saved = useCanvas((state) => state.savedPort);
  return (
    <Suspense fallback={null}>
      {editor && <ScriptEditor key={editor.node} node={editor.node} line={editor.line} onClose={edit.closeEditor} />}
      {visualized && <VisualizeDialog {...visualized} onClose={edit.closeVisualize} />}
      {saved && <SaveAsDatasetDialog {...saved} onClose={() => setCanvas({ savedPort: null })} />}
    </Suspense>
  );
}
