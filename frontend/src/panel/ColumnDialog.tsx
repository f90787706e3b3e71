// The column selector: by name with two lists, or with rules; what it chooses is shown as it changes [50].
import { useState } from "react";

import type { Column } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { plural } from "../ui/quantities";
import { Tabs } from "../ui/Tabs";
import { ColumnLists } from "./ColumnLists";
import { ColumnRules } from "./ColumnRules";
import { chosen, isRules, namesOf, type Rules } from "./rules";
import "./columns.css";

interface ColumnDialogProps {
  label: string;
  value: unknown;
  columns: Column[] | undefined;
  port: string;
  onSave: (value: unknown) => void;
  onClose: () => void;
}

export function ColumnDialog({ label, value, columns, port, onSave, onClose }: ColumnDialogProps) {
  const [tab, setTab] = useState(isRules(value) ? "rules" : "names");
  const [names, setNames] = useState(namesOf(value));
  const [rules, setRules] = useState<Rules>(isRules(value) ? value : { begin: "all", rules: [] });
  const count = tab === "names" ? names.length : columns && chosen(rules, columns).length;

  return (
    <Dialog
      title={`Select columns: ${label}`}
      isOpen
      onClose={onClose}
      size="large"
      footer={
        <>
          <span className="columns-count" role="status">
            {count === undefined
              ? "The columns are known after the node before has run."
              : `${plural(count, "column")} chosen${columns ? ` of ${columns.length}` : ""}`}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            onClick={() => {
              onSave(tab === "rules" ? rules : names);
              onClose();
            }}
          >
            Apply
          </Button>
        </>
      }
    >
      <div className="columns-dialog">
        <Tabs
          label="How to select"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              id: "names",
              label: "By name",
              content: <ColumnLists columns={columns} names={names} onChange={setNames} />,
            },
            {
              id: "rules",
              label: "With rules",
              content: <ColumnRules columns={columns} port={port} rules={rules} onChange={setRules} />,
            },
          ]}
        />
      </div>
    </Dialog>
  );
}
