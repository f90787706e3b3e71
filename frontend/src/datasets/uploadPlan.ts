// How a file is sent: in which pieces, from where after a break, how fast, for how long. Pure.
import type { Upload } from "../api/types";

export const CHUNK = 8 * 1024 * 1024;

/** The next piece: from, and the byte after the last; null when all is there. An empty file has none. */
export function nextChunk(received: number, size: number, chunk = CHUNK): [number, number] | null {
  return received >= size ? null : [received, Math.min(size, received + chunk)];
}

/** The name under which an unfinished upload of a file is remembered: the same file, by all that can be seen of it. */
export function fileKey(file: { name: string; size: number; lastModified: number }): string {
  return `${file.size}:${file.lastModified}:${file.name}`;
}

/** Whether an upload that the server knows can be gone on with for a file. */
export function canResume(upload: Upload, file: { name: string; size: number }): boolean {
  const isOpen = upload.state === "receiving" || upload.state === "failed"; // what could not be read is still there
  return isOpen && upload.file_name === file.name.trim() && upload.size === file.size && upload.received <= file.size;
}

/** Seconds to wait before trying again, longer each time. */
export function waitSeconds(tries: number): number {
  return Math.min(10, 2 ** Math.max(0, tries - 1));
}

export interface Speed {
  at: number;
  sent: number;
  /** Bytes in a second, smoothed; 0 until known. */
  rate: number;
}

/** Takes another measure of what was sent at a time in milliseconds. */
export function measured(before: Speed | null, at: number, sent: number): Speed {
  if (before === null || sent < before.sent) return { at, sent, rate: 0 };
  const seconds = (at - before.at) / 1000;
  if (seconds <= 0) return { ...before, sent };
  const now = (sent - before.sent) / seconds;
  return { at, sent, rate: before.rate === 0 ? now : before.rate * 0.7 + now * 0.3 };
}

/** Seconds until all is sent; null while unknown. */
export function secondsLeft(speed: Speed | null, size: number): number | null {
  return speed === null || speed.rate <= 0 ? null : (size - speed.sent) / speed.rate;
}

/** A name for a dataset, from its file's name without the ending. */
export function nameFrom(fileName: string): string {
  const stem = fileName.replace(/(\.(csv|tsv|txt|arff|parquet|arrow|feather|xlsx?|jsonl|ndjson|json|svm|svmlight|zip))?(\.gz)?$/i, "");
  return stem.trim() || fileName;
}
