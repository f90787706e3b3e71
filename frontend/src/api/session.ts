// Whether somebody is signed in, and signing in with the token of the terminal.
import { create } from "zustand";

import { onSignedOut, request } from "./client";
import type { Session } from "./types";

interface State {
  state: "unknown" | "in" | "out" | "offline";
  version: string;
  look: () => Promise<void>;
  signIn: (token: string) => Promise<void>;
}

export const useSession = create<State>((set, get) => ({
  state: "unknown",
  version: "",
  look: async () => {
    try {
      const session = await request<Session>("/session");
      set({ state: session.is_signed_in ? "in" : "out", version: session.version });
    } catch {
      set({ state: "offline" });
      window.setTimeout(() => void get().look(), 1000);
    }
  },
  signIn: async (token) => {
    const session = await request<Session>("/session", { body: { token: tokenIn(token) } });
    set({ state: session.is_signed_in ? "in" : "out", version: session.version });
  },
}));

onSignedOut(() => useSession.setState({ state: "out" }));

/** Takes the token out of a whole link, if that was pasted. */
export function tokenIn(text: string): string {
  return /[?&]token=([^&#\s]+)/.exec(text)?.[1] ?? text.trim();
}
