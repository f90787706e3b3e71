// Keys in full, the only time that they are known.
import { CopyButton } from "./CopyButton";

export function ShownKeys({ keys }: { keys: Record<string, string> }) {
  return (
    <div className="services-shown-keys">
      <p className="services-warning" role="note">
        Shown only this once: studiolo keeps no key that could be read. Copy it to where your program finds it.
      </p>
      {Object.entries(keys).map(([slot, key]) => (
        <div key={slot} className="services-shown-key">
          <span className="field-label">{slot}</span>
          <input
            className="input mono"
            readOnly
            aria-label={`${slot} key`}
            value={key}
            onFocus={(event) => event.currentTarget.select()}
          />
          <CopyButton text={key} what={`the ${slot} key`} />
        </div>
      ))}
    </div>
  );
}
