// Keys that all editors share: Tab indents, but Escape and then Tab leaves, so that nobody is caught inside.
import { temporarilySetTabFocusMode } from "@codemirror/commands";
import type { KeyBinding } from "@codemirror/view";

export const escapeThenTab: KeyBinding[] = [{ key: "Escape", run: temporarilySetTabFocusMode }];
