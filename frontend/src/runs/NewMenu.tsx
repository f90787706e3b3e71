// "+ New": a module, a script, a dataset, an experiment [7].
import { Database, FileCode2, Plus, Puzzle, Workflow } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";

import { edit, useDocument } from "../document/store";
import { NewExperimentDialog } from "../experiments/NewExperimentDialog";
import { focusPalette } from "../palette/focus";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { useCommands } from "../ui/commands";
import { Menu } from "../ui/Menu";

/** A hidden palette is shown first. */
function searchPalette(): void {
  if (focusPalette()) return;
  useCommands.getState().commands.find((one) => one.id === "toggle-palette")?.run();
  window.setTimeout(focusPalette, 60);
}

export function NewMenu() {
  const [, go] = useLocation();
  const [isNew, setNew] = useState(false);
  const isReadOnly = useDocument((state) => state.isReadOnly);
  return (
    <>
      <Menu
        items={[
          {
            label: "Module from the palette",
            icon: <Puzzle size={15} />,
            isDisabled: isReadOnly,
            onSelect: () => window.setTimeout(searchPalette, 60),
          },
          {
            label: "Python script",
            icon: <FileCode2 size={15} />,
            isDisabled: isReadOnly,
            onSelect: () => edit.addNode("execute-python-script"),
          },
          "-",
          { label: "Dataset from a file …", icon: <Database size={15} />, onSelect: () => go(routes.datasets()) },
          { label: "Experiment …", icon: <Workflow size={15} />, onSelect: () => setNew(true) },
        ]}
      >
        <Button look="quiet" icon={<Plus size={17} aria-hidden />} className="command-bar-new">
          New
        </Button>
      </Menu>
      {isNew && <NewExperimentDialog onClose={() => setNew(false)} />}
    </>
  );
}
