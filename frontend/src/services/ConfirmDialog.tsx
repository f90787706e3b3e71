// Asks once more before something that cannot be taken back easily.
import type { ReactNode } from "react";

import type { Problem } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ProblemBox } from "../ui/ProblemBox";

interface ConfirmDialogProps {
  title: string;
  action: string;
  isDanger?: boolean;
  isBusy?: boolean;
  problem?: Problem | null;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function ConfirmDialog({ title, action, isDanger, isBusy, problem, onConfirm, onClose, children }: ConfirmDialogProps) {
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={isDanger ? "danger" : "primary"} disabled={isBusy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="form">
        {children}
        {problem && <ProblemBox problem={problem} />}
      </div>
    </Dialog>
  );
}
