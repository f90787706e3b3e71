// A name that is changed when the field is left, if no other has it.
import { useState } from "react";

import { tell } from "../ui/Toast";

interface NameFieldProps {
  label: string;
  name: string;
  taken: string[];
  onRename: (name: string) => void;
}

export function NameField({ label, name, taken, onRename }: NameFieldProps) {
  const [text, setText] = useState(name);

  function settle(): void {
    const wanted = text.trim();
    if (wanted === name) return setText(name);
    if (wanted === "" || taken.includes(wanted)) {
      if (wanted !== "") tell(`“${wanted}” is taken.`);
      return setText(name);
    }
    onRename(wanted);
  }

  return (
    <input
      className="input"
      aria-label={label}
      maxLength={100}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}
