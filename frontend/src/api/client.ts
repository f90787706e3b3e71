// Asks the server: JSON in, JSON out; every failure is an ApiError that has the server's words.
import type { Problem } from "./types";

/** Address of the API, relative to the page, so that a prefix before both does no harm. */
export const API = new URL("api", document.baseURI).pathname;

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.summary);
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

export function localProblem(code: string, summary: string, hint = ""): Problem {
  return { kind: "user", code, summary, hint, where: {}, details: {}, traceback: "", problems: [] } as unknown as Problem;
}

const signedOut = new Set<() => void>();

/** Calls `listener` when an answer says that nobody is signed in. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

/** Escapes one part of an address. */
export function part(value: string | number): string {
  return encodeURIComponent(String(value));
}

interface Wish {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  bytes?: Blob;
  signal?: AbortSignal;
}

/** Asks an address below /api; throws ApiError. */
export async function request<Answer>(address: string, wish: Wish = {}): Promise<Answer> {
  const headers: Record<string, string> = { "X-Studiolo": "1" };
  if (wish.body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(`${API}${address}`, {
      method: wish.method ?? (wish.body === undefined ? "GET" : "POST"),
      headers,
      credentials: "same-origin",
      body: wish.bytes ?? (wish.body === undefined ? undefined : JSON.stringify(wish.body)),
      signal: wish.signal,
    });
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new ApiError(
      localProblem("offline", "The studio's server does not answer.", "Start it again: studiolo start. Nothing is lost."),
      0,
    );
  }
  if (answer.status === 204) return undefined as Answer;
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) return body as Answer;
  if (answer.status === 401) for (const listener of signedOut) listener();
  const problem = (body as { error?: Problem } | null)?.error;
  throw new ApiError(
    problem ?? localProblem("no-answer", `The server answered ${answer.status} without words.`),
    answer.status,
  );
}

/** Makes any thrown thing a problem that can be shown. */
export function problemOf(fault: unknown): Problem {
  if (fault instanceof ApiError) return fault.problem;
  return localProblem("page-fault", fault instanceof Error ? fault.message : String(fault), "Reload the page.");
}
