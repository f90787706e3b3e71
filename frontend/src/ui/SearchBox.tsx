// The field above a list that narrows it as one types.
import { Search } from "lucide-react";

import "./screen.css";

interface SearchBoxProps {
  label: string;
  value: string;
  onChange: (typed: string) => void;
}

export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  return (
    <div className="search">
      <Search size={14} aria-hidden />
      <input
        className="input"
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
