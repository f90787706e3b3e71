// A code parameter in a large window; what is typed goes to the parameter as it does from the small editor.
import { Dialog } from "../ui/Dialog";
import type { CodeFieldProps } from "./CodeField";
import CodeFieldView from "./CodeFieldView";
import "./code-field.css";

export default function CodeDialog({ onClose, ...field }: CodeFieldProps & { onClose: () => void }) {
  return (
    <Dialog title={field.label} isOpen onClose={onClose} size="full">
      <div className="code-dialog">
        <CodeFieldView {...field} />
      </div>
    </Dialog>
  );
}
