// Buttons: with words, or an icon that has a name for screen readers and a tooltip.
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

import { Tooltip } from "./Tooltip";
import "./button.css";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "plain" | "primary" | "quiet" | "danger";
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = "plain", icon, children, className = "", ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button button-${look} ${className}`} {...rest}>
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  keys?: string;
  isPressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, keys, isPressed, children, className = "", ...rest }: IconButtonProps) {
  return (
    <Tooltip text={keys ? `${label} (${keys})` : label}>
      <button type="button" className={`icon-button ${className}`} aria-label={label} aria-pressed={isPressed} {...rest}>
        {children}
      </button>
    </Tooltip>
  );
}
