// Keeps one experiment's document and the server's files the same: sends steps in order, fetches what others changed.
import { API, ApiError, part, problemOf, request } from "../api/client";
import type { ExperimentDocument, Problem, Saved } from "../api/types";
import { appliedAll, coalesced, type Conflict, rebased, shared, type Step } from "./changes";
import { keep, takeKept } from "./kept";

export type Saving = "saved" | "saving" | "offline" | "conflict";

export interface SyncListener {
  /** The document with everything unsent in it. */
  onDocument: (document: ExperimentDocument, revision: string) => void;
  onSaving: (saving: "saved" | "saving" | "offline", savedAt: number | null) => void;
  onConflicts: (conflicts: Conflict[]) => void;
  onLost: (lost: Conflict[]) => void;
  /** The server took a step as wrong; it is taken back. */
  onRefused: (problem: Problem) => void;
  onMissing: (problem: Problem) => void;
}

const RETRY_MS = 2000;

/** Answers of a server that is full, busy or about to end: the step is as good later, and must not be lost. */
const PASSING = new Set([0, 408, 429, 502, 503, 504, 507]);

function isPassing(fault: ApiError): boolean {
  return PASSING.has(fault.status);
}

export class Sync {
  private base: ExperimentDocument | null = null;
  private queue: Step[] = [];
  private wantsFetch = true;
  private isWorking = false;
  private isEnded = false;
  private isSending = false;
  private oneByOne = false;
  private refusals = 0;
  /** Why the server can't take anything now, as far as it was shown. */
  private told = "";
  private timer = 0;

  constructor(
    readonly name: string,
    private readonly listener: SyncListener,
  ) {
    this.queue = takeKept(name);
  }

  /** Adds a step that is in the shown document already. */
  add(step: Step): void {
    this.queue.push(step);
    this.listener.onSaving("saving", null);
    void this.work();
  }

  /** Fetches the files when they are not what is known. */
  look(revision?: string): void {
    if (revision !== undefined && revision === this.base?.revision) return;
    this.wantsFetch = true;
    void this.work();
  }

  /** Ends; what is unsent is sent behind the page's back, and kept in case that fails. */
  end(): void {
    this.isEnded = true;
    window.clearTimeout(this.timer);
    if (!this.isSending) this.flush();
  }

  /** Sends what is unsent without waiting for the answer. */
  flush(): void {
    if (this.queue.length === 0) return;
    const body = JSON.stringify({ base: this.base?.revision ?? "", changes: this.queue.flatMap((step) => step.changes) });
    keep(this.name, this.queue);
    // A browser takes at most 64 KiB along when a page closes; more stays kept and goes the next time.
    if (body.length > 60_000 && !this.isEnded) return;
    void fetch(`${API}${this.address}/changes`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Studiolo": "1" },
      credentials: "same-origin",
      body,
      keepalive: body.length <= 60_000,
    })
      .then((answer) => answer.ok && this.isEnded && keep(this.name, []))
      .catch(() => undefined);
  }

  private get address(): string {
    return `/experiments/${part(this.name)}`;
  }

  private async work(): Promise<void> {
    if (this.isWorking) return;
    this.isWorking = true;
    window.clearTimeout(this.timer);
    try {
      while (!this.isEnded && (this.wantsFetch || this.queue.length > 0)) {
        if (this.wantsFetch || this.base === null) await this.fetch();
        else await this.send();
      }
      this.isWorking = false;
      // Left while a step was refused: it is asked about when the experiment is opened again.
      if (this.isEnded && this.queue.length > 0) keep(this.name, this.queue);
    } catch (fault) {
      this.isWorking = false;
      this.pause(fault);
    }
  }

  private pause(fault: unknown): void {
    if (this.isEnded) return keep(this.name, this.queue);
    if (fault instanceof ApiError && fault.status === 404) return this.listener.onMissing(fault.problem);
    const problem = problemOf(fault);
    const isTold = fault instanceof ApiError && (fault.isOffline || fault.status === 401 || this.told === problem.code);
    if (!isTold) this.listener.onRefused(problem);
    this.told = problem.code;
    keep(this.name, this.queue);
    this.listener.onSaving("offline", null);
    this.timer = window.setTimeout(() => void this.work(), RETRY_MS);
  }

  private async fetch(): Promise<void> {
    this.wantsFetch = false;
    let fresh: ExperimentDocument;
    try {
      fresh = await request<ExperimentDocument>(this.address);
    } catch (fault) {
      this.wantsFetch = true;
      throw fault;
    }
    if (this.isEnded) return;
    this.base = this.base === null ? fresh : shared(this.base, fresh);
    const { steps, conflicts, lost } = rebased(this.base, this.queue);
    this.queue = steps;
    this.show();
    if (conflicts.length > 0) this.listener.onConflicts(conflicts);
    if (lost.length > 0) this.listener.onLost(lost);
    if (this.queue.length === 0) this.listener.onSaving("saved", null);
  }

  private async send(): Promise<void> {
    const steps = this.oneByOne ? this.queue.slice(0, 1) : [...this.queue];
    const base = this.base;
    if (base === null) return;
    this.listener.onSaving("saving", null);
    const changes = coalesced(steps.flatMap((step) => step.changes));
    let saved: Saved;
    this.isSending = true;
    try {
      saved = await request<Saved>(`${this.address}/changes`, { body: { base: base.revision, changes } });
    } catch (fault) {
      if (!(fault instanceof ApiError) || fault.status === 401 || fault.status === 404 || isPassing(fault)) throw fault;
      this.refuse(fault, steps);
      return;
    } finally {
      this.isSending = false;
    }
    this.refusals = 0;
    this.told = "";
    this.queue = this.queue.slice(steps.length);
    if (this.isEnded) return this.flush();
    if (this.queue.length === 0) this.oneByOne = false;
    const { revision, problems } = saved;
    this.base = { ...appliedAll(base, changes), revision, problems: shared(base.problems, problems) };
    keep(this.name, []);
    this.show();
    // Somebody else's edit may have been in the files that the changes were laid on.
    if (this.queue.length === 0) this.wantsFetch = true;
    this.listener.onSaving(this.queue.length === 0 ? "saved" : "saving", saved.saved);
  }

  private refuse(fault: ApiError, steps: Step[]): void {
    this.wantsFetch = true;
    this.refusals += 1;
    if (fault.status === 409 && this.refusals <= 3) return;
    if (steps.length > 1 && !this.oneByOne) {
      this.oneByOne = true;
      return;
    }
    this.refusals = 0;
    this.queue = this.queue.slice(steps.length);
    this.listener.onRefused(fault.problem);
  }

  private show(): void {
    if (this.base === null) return;
    const changes = this.queue.flatMap((step) => step.changes);
    this.listener.onDocument(appliedAll(this.base, changes), this.base.revision);
  }
}
