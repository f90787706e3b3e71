// The dark bar: name of the product and the workspace, how strong the jail is, commands, theme.
import { Monitor, Moon, Search, ShieldAlert, ShieldCheck, Sun } from "lucide-react";

import type { Workspace } from "../api/types";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { useTheme } from "../ui/theme";
import { Tooltip } from "../ui/Tooltip";

function openCommands(): void {
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
}

export function TopBar({ workspace }: { workspace: Workspace | undefined }) {
  const { theme, choose } = useTheme();
  const Theme = { light: Sun, dark: Moon, system: Monitor }[theme];
  return (
    <header className="top-bar">
      <a className="top-bar-brand" href="#/experiments" aria-label="studiolo, all experiments">
        <img src="./favicon.svg" width={24} height={24} alt="" />
        <span>studiolo</span>
      </a>
      {workspace && (
        <Tooltip text={workspace.path}>
          <span className="top-bar-workspace" tabIndex={0}>
            {workspace.name}
          </span>
        </Tooltip>
      )}
      <span className="top-bar-space" />
      {workspace && (
        <Tooltip
          text={
            workspace.is_fully_jailed
              ? "Scripts run in the full jail: no network, no files, no secrets of this machine."
              : "The jail lacks walls on this machine. studiolo doctor says which."
          }
        >
          <span className={`top-bar-badge ${workspace.is_fully_jailed ? "" : "top-bar-badge-weak"}`} tabIndex={0}>
            {workspace.is_fully_jailed ? <ShieldCheck size={15} aria-hidden /> : <ShieldAlert size={15} aria-hidden />}
            jail: {workspace.badge}
          </span>
        </Tooltip>
      )}
      <button type="button" className="top-bar-commands" onClick={openCommands}>
        <Search size={14} aria-hidden /> Commands <kbd>Ctrl+K</kbd>
      </button>
      <Menu
        align="end"
        items={[
          { label: "Light", icon: <Sun size={15} />, onSelect: () => choose("light") },
          { label: "Dark", icon: <Moon size={15} />, onSelect: () => choose("dark") },
          { label: "As the system", icon: <Monitor size={15} />, onSelect: () => choose("system") },
        ]}
      >
        <IconButton label="Theme" className="top-bar-button">
          <Theme size={17} aria-hidden />
        </IconButton>
      </Menu>
    </header>
  );
}
