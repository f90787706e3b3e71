// Lets others put the focus into the palette's search: "+ New, Module".
let focus: (() => void) | null = null;

export function onPaletteFocus(action: () => void): () => void {
  focus = action;
  return () => {
    if (focus === action) focus = null;
  };
}

/** Puts the focus into the search; false when the palette is hidden. */
export function focusPalette(): boolean {
  focus?.();
  return focus !== null;
}
