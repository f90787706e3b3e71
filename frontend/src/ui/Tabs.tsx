// Tabs with keyboard, from Radix, in our look.
import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

import "./tabs.css";

interface TabsProps {
  tabs: { id: string; label: ReactNode; content: ReactNode }[];
  value: string;
  onChange: (id: string) => void;
  label: string;
  extra?: ReactNode;
}

export function Tabs({ tabs, value, onChange, label, extra }: TabsProps) {
  return (
    <Radix.Root className="tabs" value={value} onValueChange={onChange}>
      <div className="tabs-bar">
        <Radix.List className="tabs-list" aria-label={label}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.id} className="tabs-tab" value={tab.id}>
              {tab.label}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {extra}
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} className="tabs-content" value={tab.id}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
