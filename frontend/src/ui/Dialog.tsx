// A window over the page that keeps the focus until it is closed.
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

import "./dialog.css";

interface DialogProps {
  title: string;
  description?: string;
  isOpen: boolean;
  onClose: () => void;
  size?: "small" | "medium" | "large" | "full";
  footer?: ReactNode;
  header?: ReactNode;
  children: ReactNode;
}

/** Esc closes the open list of a field first, and only then the window around it. */
function leaveToOpenList(event: KeyboardEvent): void {
  if (event.target instanceof Element && event.target.matches('[role="combobox"][aria-expanded="true"]')) event.preventDefault();
}

export function Dialog({ title, description, isOpen, onClose, size = "medium", footer, header, children }: DialogProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-scrim" />
        <Radix.Content
          className={`dialog dialog-${size}`}
          onEscapeKeyDown={leaveToOpenList}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <div className="dialog-head">
            <Radix.Title className="dialog-title">{title}</Radix.Title>
            {header}
            <Radix.Close className="icon-button dialog-close" aria-label="Close">
              <X size={18} aria-hidden />
            </Radix.Close>
          </div>
          {description && <Radix.Description className="dialog-description">{description}</Radix.Description>}
          <div className="dialog-body">{children}</div>
          {footer && <div className="dialog-foot">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
