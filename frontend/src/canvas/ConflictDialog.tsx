// Asks when the same place was changed here and elsewhere: both values are shown, one is chosen.
import { type Conflict, edit, useDocument } from "../document/store";
import { pathText } from "../document/paths";
import { localProblem } from "../api/client";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { plural } from "../ui/quantities";
import { tellProblem } from "../ui/Toast";

export function ConflictDialog() {
  const conflict = useDocument((state) => state.conflict);
  const count = useDocument((state) => state.conflicts.length);
  const editor = useDocument((state) => state.editor);
  if (conflict === null) return null;
  // The open editor shows both texts of its script side by side itself.
  if (editor !== null && isScriptOf(conflict, editor.node)) return null;
  return (
    <Dialog
      title="Changed here and elsewhere"
      description={`Somebody else, or another program, changed ${pathText(conflict.path)} while you did.${count > 1 ? ` ${plural(count - 1, "more such place")} after this one.` : ""}`}
      isOpen
      onClose={() => takeTheirs(conflict)}
      size={isLong(conflict) ? "large" : "medium"}
      footer={
        <>
          <Button onClick={() => takeTheirs(conflict)}>Take theirs</Button>
          <Button look="primary" onClick={() => edit.resolve("mine")}>
            Keep mine
          </Button>
        </>
      }
    >
      <div className="conflict">
        <section>
          <h3>Mine</h3>
          <pre>{shown(conflict.mine)}</pre>
        </section>
        <section>
          <h3>Theirs</h3>
          <pre>{shown(conflict.theirs)}</pre>
        </section>
      </div>
    </Dialog>
  );
}

/** Mine is set aside, not thrown away: it can be put back as long as the message stands. */
function takeTheirs({ path, mine }: Conflict): void {
  edit.resolve("theirs");
  tellProblem(localProblem("set-aside", `Theirs is kept in ${pathText(path)}; yours was set aside.`, shown(mine).slice(0, 200)), {
    label: "Put mine back",
    run: () => void edit.set(path, mine),
  });
}

function isScriptOf(conflict: Conflict, node: string): boolean {
  return conflict.path[1] === node && conflict.path[2] === "script" && conflict.path[3] === "text";
}

function isLong({ mine, theirs }: Conflict): boolean {
  return [mine, theirs].some((value) => shown(value).length > 200);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "(nothing)";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
