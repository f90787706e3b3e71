// Menus: at a button, and at the right mouse button or the menu key.
import { ContextMenu as Context, DropdownMenu as Dropdown } from "radix-ui";
import type { ReactElement, ReactNode } from "react";

import "./menu.css";

export interface MenuItem {
  label: string;
  onSelect: () => void;
  icon?: ReactNode;
  keys?: string;
  isDisabled?: boolean;
  isDanger?: boolean;
  why?: string;
}

/** Items in order; "-" is a line between groups. */
export type MenuItems = (MenuItem | "-" | false | null | undefined)[];

interface MenuProps {
  items: MenuItems;
  children: ReactElement;
  label?: string;
}

export function Menu({ items, children, label, align = "start" }: MenuProps & { align?: "start" | "end" }) {
  return (
    <Dropdown.Root modal={false}>
      <Dropdown.Trigger asChild>{children}</Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content className="menu" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {items.map((item, index) => shown(Dropdown, item, index))}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

export function ContextMenu({ items, children, label }: MenuProps) {
  return (
    <Context.Root modal={false}>
      <Context.Trigger asChild>{children}</Context.Trigger>
      <Context.Portal>
        <Context.Content className="menu" collisionPadding={8} aria-label={label}>
          {items.map((item, index) => shown(Context, item, index))}
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  );
}

function shown(kit: typeof Dropdown | typeof Context, item: MenuItems[number], index: number): ReactNode {
  if (!item) return null;
  if (item === "-") return <kit.Separator key={index} className="menu-line" />;
  return (
    <kit.Item
      key={index}
      className={`menu-item ${item.isDanger ? "menu-item-danger" : ""}`}
      disabled={item.isDisabled}
      onSelect={item.onSelect}
      title={item.isDisabled ? item.why : undefined}
    >
      <span className="menu-icon" aria-hidden>
        {item.icon}
      </span>
      <span className="menu-label">{item.label}</span>
      {item.keys && <kbd className="menu-keys">{item.keys}</kbd>}
    </kit.Item>
  );
}
