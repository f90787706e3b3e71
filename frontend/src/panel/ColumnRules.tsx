// Rules in order: begin with all or no columns, then include and exclude by names, positions, types and roles [50].
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import type { Column } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { type Choice, chosen, indicesFrom, parts, ROLES, type Rule, type Rules, TYPES, type Verb } from "./rules";

interface ColumnRulesProps {
  columns: Column[] | undefined;
  port: string;
  rules: Rules;
  onChange: (rules: Rules) => void;
}

export function ColumnRules({ columns, port, rules, onChange }: ColumnRulesProps) {
  const setRule = (at: number, rule: Rule): void =>
    onChange({ ...rules, rules: rules.rules.map((one, index) => (index === at ? rule : one)) });

  function move(at: number, by: number): void {
    const list = [...rules.rules];
    const [rule] = list.splice(at, 1);
    if (rule) list.splice(at + by, 0, rule);
    onChange({ ...rules, rules: list });
  }

  return (
    <div className="columns-rules">
      <div className="columns-rules-list">
        <label className="columns-begin">
          Begin with
          <select
            className="input"
            value={rules.begin}
            onChange={(event) => onChange({ ...rules, begin: event.target.value as Rules["begin"] })}
          >
            <option value="all">all columns</option>
            <option value="none">no columns</option>
          </select>
        </label>
        {rules.rules.map((rule, index) => (
          <div key={index} className="columns-rule" role="group" aria-label={`Rule ${index + 1}`}>
            <RuleFields rule={rule} number={index + 1} columns={columns} onChange={(changed) => setRule(index, changed)} />
            <div className="columns-rule-buttons">
              <IconButton label={`Move rule ${index + 1} up`} disabled={index === 0} onClick={() => move(index, -1)}>
                <ArrowUp size={14} aria-hidden />
              </IconButton>
              <IconButton
                label={`Move rule ${index + 1} down`}
                disabled={index === rules.rules.length - 1}
                onClick={() => move(index, 1)}
              >
                <ArrowDown size={14} aria-hidden />
              </IconButton>
              <IconButton
                label={`Remove rule ${index + 1}`}
                onClick={() => onChange({ ...rules, rules: rules.rules.filter((_, at) => at !== index) })}
              >
                <Trash2 size={14} aria-hidden />
              </IconButton>
            </div>
          </div>
        ))}
        <Button
          icon={<Plus size={14} aria-hidden />}
          onClick={() => {
            const verb: Verb = rules.begin === "all" ? "exclude" : "include";
            onChange({ ...rules, rules: [...rules.rules, { [verb]: { names: [] } }] });
          }}
        >
          Add rule
        </Button>
      </div>
      <div className="columns-preview">
        <h3>Chosen of {port}</h3>
        {columns === undefined && <p className="soft">The columns are known after the node before has run.</p>}
        <ul aria-label="Chosen columns">
          {columns && chosen(rules, columns).slice(0, 500).map((name) => <li key={name}>{name}</li>)}
        </ul>
      </div>
    </div>
  );
}

type Kind = "all" | "names" | "indices" | "kinds";

function kindOf(what: "all" | Choice): Kind {
  if (what === "all") return "all";
  return what.names ? "names" : what.indices ? "indices" : "kinds";
}

const FRESH: Record<Kind, "all" | Choice> = {
  all: "all",
  names: { names: [] },
  indices: { indices: [] },
  kinds: { types: ["Numeric"] },
};

interface RuleFieldsProps {
  rule: Rule;
  number: number;
  columns: Column[] | undefined;
  onChange: (rule: Rule) => void;
}

function RuleFields({ rule, number, columns, onChange }: RuleFieldsProps) {
  const { verb, what } = parts(rule);
  const [typed, setTyped] = useState(() => (what !== "all" && what.indices ? what.indices.join(", ") : ""));
  const put = (value: "all" | Choice, word: Verb = verb): void => onChange({ [word]: value });
  const isWrong = what !== "all" && what.indices !== undefined && indicesFrom(typed) === null;

  return (
    <>
      <select
        className="input"
        aria-label={`Rule ${number}: include or exclude`}
        value={verb}
        onChange={(event) => put(what, event.target.value as Verb)}
      >
        <option value="include">Include</option>
        <option value="exclude">Exclude</option>
      </select>
      <select
        className="input"
        aria-label={`Rule ${number}: by`}
        value={kindOf(what)}
        onChange={(event) => put(FRESH[event.target.value as Kind])}
      >
        <option value="names">column names</option>
        <option value="indices">column positions</option>
        <option value="kinds">types and roles</option>
        <option value="all">all columns</option>
      </select>
      {what !== "all" && what.names && (
        <NamesField number={number} names={what.names} columns={columns} onChange={(names) => put({ names })} />
      )}
      {what !== "all" && what.indices && (
        <input
          className="input"
          aria-label={`Rule ${number}: positions`}
          aria-invalid={isWrong || undefined}
          placeholder="1, 5-20"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            const read = indicesFrom(event.target.value);
            if (read) put({ indices: read });
          }}
        />
      )}
      {kindOf(what) === "kinds" && <KindFields number={number} what={what as Choice} onChange={put} />}
    </>
  );
}

interface NamesFieldProps {
  number: number;
  names: string[];
  columns: Column[] | undefined;
  onChange: (names: string[]) => void;
}

function NamesField({ number, names, columns, onChange }: NamesFieldProps) {
  const [typed, setTyped] = useState("");
  const list = `columns-known-${number}`;
  function add(name: string): void {
    if (name && !names.includes(name)) onChange([...names, name]);
    setTyped("");
  }
  return (
    <span className="columns-names">
      {names.map((name) => (
        <button
          key={name}
          type="button"
          className={`columns-chip ${columns && !columns.some((one) => one.name === name) ? "columns-chip-bad" : ""}`}
          aria-label={`Remove ${name}`}
          onClick={() => onChange(names.filter((one) => one !== name))}
        >
          {name} ×
        </button>
      ))}
      <input
        className="input"
        list={list}
        aria-label={`Rule ${number}: add a column name`}
        placeholder="name, Enter"
        value={typed}
        onChange={(event) => {
          const isPicked = columns?.some((one) => one.name === event.target.value) && !("data" in event.nativeEvent && event.nativeEvent.data);
          if (isPicked) add(event.target.value);
          else setTyped(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            add(typed);
          } else if (event.key === "Backspace" && typed === "") onChange(names.slice(0, -1));
        }}
        onBlur={() => add(typed)}
      />
      <datalist id={list}>
        {columns
          ?.filter((one) => !names.includes(one.name))
          .slice(0, 500)
          .map((one) => <option key={one.name} value={one.name} />)}
      </datalist>
    </span>
  );
}

function KindFields({ number, what, onChange }: { number: number; what: Choice; onChange: (what: Choice) => void }) {
  function toggle(key: "types" | "roles", value: string): void {
    const now = what[key] ?? [];
    const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value];
    const { [key]: _, ...rest } = what;
    const changed: Choice = next.length > 0 ? { ...rest, [key]: next } : rest;
    if (changed.types || changed.roles) onChange(changed);
  }
  const group = (key: "types" | "roles", values: readonly string[]) => (
    <span className="columns-kinds" role="group" aria-label={`Rule ${number}: ${key}`}>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          className="columns-kind"
          aria-pressed={what[key]?.includes(value) ?? false}
          onClick={() => toggle(key, value)}
        >
          {value}
        </button>
      ))}
    </span>
  );
  return (
    <span className="columns-kinds-both">
      {group("types", TYPES)}
      {group("roles", ROLES)}
    </span>
  );
}
