// Text inputs over a draft: one line, or several.
import { useDraft } from "./drafts";

interface DraftInputProps {
  stored: string;
  save: (text: string) => void;
  ids?: { id?: string; "aria-describedby"?: string; "aria-invalid"?: boolean };
  label?: string;
  placeholder?: string;
  isDisabled?: boolean;
  isMono?: boolean;
  inputMode?: "text" | "numeric" | "decimal" | "url";
  lines?: number;
  list?: string;
  isUnfinished?: (text: string) => boolean;
}

export function DraftInput(props: DraftInputProps) {
  const draft = useDraft(props.stored, props.save, { isUnfinished: props.isUnfinished });
  const shared = {
    ...props.ids,
    "aria-label": props.label,
    className: `input ${props.isMono ? "mono" : ""}`,
    value: draft.text,
    placeholder: props.placeholder,
    disabled: props.isDisabled,
    spellCheck: false,
    onBlur: draft.commit,
  };
  if (props.lines) {
    return <textarea {...shared} rows={props.lines} onChange={(event) => draft.type(event.target.value)} />;
  }
  return (
    <input
      {...shared}
      list={props.list}
      inputMode={props.inputMode}
      autoComplete="off"
      onChange={(event) => draft.type(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") draft.commit();
        if (event.key === "Escape" && draft.text !== props.stored) {
          event.stopPropagation();
          draft.drop();
        }
      }}
    />
  );
}
