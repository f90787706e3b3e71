// What an empty canvas shows: a drawing of how it begins [16].
export function EmptyCanvas({ isReadOnly }: { isReadOnly: boolean }) {
  return (
    <div className="canvas-empty">
      <svg width="260" height="190" viewBox="0 0 260 190" fill="none" aria-hidden>
        <g className="canvas-empty-line" strokeWidth="2">
          <path d="M130 50 C130 72 130 66 130 84" />
          <path d="M130 130 C130 152 74 138 74 152" />
          <path d="M130 130 C130 152 186 138 186 152" />
        </g>
        <g className="canvas-empty-box" strokeWidth="1.5" strokeDasharray="5 4">
          <rect x="62" y="10" width="136" height="38" rx="8" />
          <rect x="62" y="88" width="136" height="38" rx="8" />
        </g>
        <g className="canvas-empty-fill">
          <rect x="74" y="20" width="18" height="18" rx="4" />
          <rect x="100" y="22" width="62" height="6" rx="3" />
          <rect x="100" y="32" width="38" height="4" rx="2" opacity="0.6" />
          <rect x="74" y="98" width="18" height="18" rx="4" />
          <rect x="100" y="100" width="48" height="6" rx="3" />
          <rect x="100" y="110" width="70" height="4" rx="2" opacity="0.6" />
        </g>
        <g className="canvas-empty-port" strokeWidth="2">
          <circle cx="130" cy="48" r="5" />
          <circle cx="130" cy="88" r="5" />
          <circle cx="130" cy="126" r="5" />
          <circle cx="74" cy="156" r="5" />
          <circle cx="186" cy="156" r="5" />
        </g>
      </svg>
      <p className="canvas-empty-title">{isReadOnly ? "Nothing to show" : "Drag items here"}</p>
      {!isReadOnly && <p className="soft">Or choose one in the list on the left and press Enter. Then draw lines from port to port.</p>}
    </div>
  );
}
