// The uploads of this page: a queue that sends one file after the other, outlives breaks, and can be given up.
import { create } from "zustand";

import { ApiError, part, problemOf, request } from "../api/client";
import type { Dataset, Problem, Upload } from "../api/types";
import { routes } from "../routes";
import { bytes, count } from "../ui/quantities";
import { tell } from "../ui/Toast";
import { canResume, fileKey, measured, nameFrom, nextChunk, secondsLeft, type Speed, waitSeconds } from "./uploadPlan";

/** `broken`: the server does not answer, it is tried again. `stopped`: sending failed for good. */
export type Stage = "waiting" | "sending" | "broken" | "stopped" | "sent" | "reading" | "failed";

export interface FileUpload {
  key: number;
  file: File;
  stage: Stage;
  /** The server's name of it, once it has one. */
  id: string | null;
  sent: number;
  speed: Speed | null;
  name: string;
  options: Record<string, unknown>;
  /** The person has said what to make of it; without this it waits after it is sent. */
  isConfirmed: boolean;
  problem: Problem | null;
}

interface State {
  uploads: FileUpload[];
}

export const useUploads = create<State>(() => ({ uploads: [] }));

let lastKey = 0;
let isSending = false;
const aborts = new Map<number, AbortController>();

export function findUpload(key: number): FileUpload | undefined {
  return useUploads.getState().uploads.find((one) => one.key === key);
}

function change(key: number, changed: Partial<FileUpload>): void {
  useUploads.setState((state) => ({
    uploads: state.uploads.map((one) => (one.key === key ? { ...one, ...changed } : one)),
  }));
}

/** Puts files into the queue; sending begins at once. */
export function addFiles(files: Iterable<File>): number[] {
  const added = [...files].map((file): FileUpload => ({
    key: ++lastKey,
    file,
    stage: "waiting",
    id: null,
    sent: 0,
    speed: null,
    name: nameFrom(file.name),
    options: {},
    isConfirmed: false,
    problem: null,
  }));
  useUploads.setState((state) => ({ uploads: [...state.uploads, ...added] }));
  void sendAll();
  return added.map((one) => one.key);
}

/** Says what to make of a file: a dataset of this name, read with these options. */
export function confirmUpload(key: number, name: string, options: Record<string, unknown>): void {
  change(key, { name, options, isConfirmed: true, problem: null });
  const upload = findUpload(key);
  if (upload && (upload.stage === "sent" || upload.stage === "failed")) void finish(key);
  else if (upload?.stage === "stopped") retryUpload(key);
}

/** Tries again after sending has failed. */
export function retryUpload(key: number): void {
  change(key, { stage: "waiting", problem: null });
  void sendAll();
}

/** Gives an upload up: here, and on the server. */
export async function cancelUpload(key: number): Promise<void> {
  const upload = findUpload(key);
  aborts.get(key)?.abort();
  dropUpload(key);
  if (upload === undefined) return;
  forget(upload.file);
  if (upload.id !== null) await request(`/uploads/${part(upload.id)}`, { method: "DELETE" }).catch(() => undefined);
}

/** Takes one off the list. */
export function dropUpload(key: number): void {
  useUploads.setState((state) => ({ uploads: state.uploads.filter((one) => one.key !== key) }));
}

async function sendAll(): Promise<void> {
  if (isSending) return;
  isSending = true;
  try {
    for (;;) {
      const next = useUploads.getState().uploads.find((one) => one.stage === "waiting");
      if (next === undefined) break;
      await sendOne(next.key);
    }
  } finally {
    isSending = false;
  }
}

async function sendOne(key: number): Promise<void> {
  const abort = new AbortController();
  aborts.set(key, abort);
  change(key, { stage: "sending", problem: null, speed: null });
  for (let tries = 0; ; ) {
    try {
      await send(key, abort.signal, () => (tries = 0));
      break;
    } catch (fault) {
      if (abort.signal.aborted || findUpload(key) === undefined) return;
      tries += 1;
      if (!isPassing(fault) || tries > 60) {
        change(key, { stage: "stopped", problem: problemOf(fault) });
        return;
      }
      change(key, { stage: "broken", problem: problemOf(fault), speed: null });
      await pause(waitSeconds(tries), abort.signal);
    }
  }
  aborts.delete(key);
  if (findUpload(key) === undefined) return;
  change(key, { stage: "sent", problem: null });
  if (findUpload(key)?.isConfirmed) void finish(key);
}

async function send(key: number, signal: AbortSignal, onProgress: () => void): Promise<void> {
  const known = findUpload(key);
  if (known === undefined) return;
  const { file } = known;
  const begun = await beginOrResume(known, signal);
  change(key, { id: begun.id, sent: begun.received, stage: "sending", problem: null });
  let received = begun.received;
  let speed: Speed | null = measured(null, performance.now(), received);
  for (let next = nextChunk(received, file.size); next !== null; next = nextChunk(received, file.size)) {
    const [from, to] = next;
    const piece = file.slice(from, to);
    await readable(piece, file.name);
    const answer = await putChunk(begun.id, from, piece, signal);
    received = answer.received;
    speed = measured(speed, performance.now(), received);
    onProgress();
    change(key, { sent: received, speed, stage: "sending", problem: null });
  }
}

async function putChunk(id: string, offset: number, bytes: Blob, signal: AbortSignal): Promise<Upload> {
  try {
    return await request<Upload>(`/uploads/${part(id)}?offset=${offset}`, { method: "PUT", bytes, signal });
  } catch (fault) {
    // The server has other bytes than we think, as when an answer was lost: go on from what it has.
    if (fault instanceof ApiError && fault.problem.code === "upload-offset") return request<Upload>(`/uploads/${part(id)}`, { signal });
    throw fault;
  }
}

async function beginOrResume({ file, id }: FileUpload, signal: AbortSignal): Promise<Upload> {
  const remembered = id ?? localStorage.getItem(memory(file));
  if (remembered !== null) {
    try {
      const upload = await request<Upload>(`/uploads/${part(remembered)}`, { signal });
      if (canResume(upload, file)) return upload;
    } catch (fault) {
      if (!(fault instanceof ApiError) || fault.status !== 404) throw fault;
    }
  }
  const begun = await request<Upload>("/uploads", { body: { file_name: file.name, size: file.size }, signal });
  localStorage.setItem(memory(file), begun.id);
  return begun;
}

async function finish(key: number): Promise<void> {
  const upload = findUpload(key);
  if (upload === undefined || upload.id === null) return;
  change(key, { stage: "reading", problem: null });
  try {
    const id = part(upload.id);
    const begin = (): Promise<Upload> => request<Upload>(`/uploads/${id}/finish`, { body: { name: upload.name, options: upload.options } });
    let state: Upload;
    try {
      state = await begin();
    } catch (fault) {
      change(key, { stage: "sent", problem: problemOf(fault), isConfirmed: false }); // name or options are refused: nothing was read
      return;
    }
    while (state.state === "reading" || state.state === "receiving") {
      await pause(0.3);
      if (findUpload(key) === undefined) return;
      state = await patiently(() => request<Upload>(`/uploads/${id}`));
      if (state.state === "receiving") state = await begin(); // the server was started anew meanwhile
    }
    if (state.state === "done") {
      forget(upload.file);
      dropUpload(key);
      if (state.dataset !== null) tellDone(state.dataset);
    } else change(key, { stage: "failed", problem: state.error, isConfirmed: false });
  } catch (fault) {
    change(key, { stage: "failed", problem: problemOf(fault), isConfirmed: false });
  }
}

function tellDone({ name, version, rows, columns, size }: Dataset): void {
  const told = rows === null ? bytes(size) : `${count(rows)} × ${count(columns ?? 0)}`;
  tell(`${name} version ${version} is here: ${told}.`, { label: "Open", run: () => (window.location.hash = routes.dataset(name)) });
}

/** Asks again while the server does not answer, for some minutes. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (fault) {
      if (!isPassing(fault) || tries > 30) throw fault;
      await pause(waitSeconds(tries));
    }
  }
}

function isPassing(fault: unknown): boolean {
  return fault instanceof ApiError && (fault.isOffline || fault.status === 502 || fault.status === 503 || fault.status === 504);
}

function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = window.setTimeout(done, seconds * 1000);
    signal?.addEventListener("abort", () => {
      window.clearTimeout(timer);
      done();
    });
  });
}

/** A file that was changed or removed meanwhile can't be read; without this it would look like a silent server. */
async function readable(bytes: Blob, name: string): Promise<void> {
  try {
    await bytes.slice(0, 1).arrayBuffer();
  } catch {
    throw new Error(`${name} can't be read any more: it was changed or removed. Choose it again.`);
  }
}

const memory = (file: File): string => `studiolo-upload:${fileKey(file)}`;

function forget(file: File): void {
  localStorage.removeItem(memory(file));
}

/** What is told of an upload in a line. */
export function progressOf(upload: FileUpload): { share: number; left: number | null; rate: number | null } {
  const share = upload.file.size === 0 ? 1 : upload.sent / upload.file.size;
  return { share, left: secondsLeft(upload.speed, upload.file.size), rate: upload.speed?.rate || null };
}

window.addEventListener("beforeunload", (event) => {
  const isBusy = useUploads.getState().uploads.some((one) => one.stage === "sending" || one.stage === "waiting" || one.stage === "broken");
  if (isBusy) event.preventDefault();
});
