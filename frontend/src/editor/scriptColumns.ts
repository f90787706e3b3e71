// Which columns a script may name: what azureml_main gets, what the script itself adds, what it misspells. Pure functions.

export interface Frame {
  /** The name in the script. */
  name: string;
  /** The input port behind it. */
  port: string;
}

export interface UnknownColumn {
  from: number;
  to: number;
  name: string;
  frame: string;
  nearest: string | null;
}

export interface ColumnPlace {
  frame: string;
  /** Where the column's name begins. */
  from: number;
  /** The quote it stands in; "" for an attribute. */
  quote: string;
}

const PORTS = ["dataset1", "dataset2"];

/** The names of the first two positional parameters of azureml_main. */
export function parametersOf(text: string): string[] {
  const head = /^def[ \t]+azureml_main[ \t]*\(/m.exec(text);
  if (!head) return [];
  const parts: string[] = [];
  let depth = 1;
  let start = head.index + head[0].length;
  for (let at = start; at < text.length && depth > 0; at++) {
    const letter = text[at] ?? "";
    if ("([{".includes(letter)) depth++;
    else if (")]}".includes(letter)) depth--;
    if (depth === 0 || (depth === 1 && letter === ",")) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  const names: string[] = [];
  for (const part of parts) {
    const name = /^\s*([A-Za-z_]\w*)/.exec(part)?.[1];
    if (name === undefined) break; // "*": the rest are keywords
    names.push(name);
  }
  return names.slice(0, PORTS.length);
}

/** The frames a script gets: by port, in classic dialect by the order of what is connected. */
export function framesOf(text: string, dialect: string, connected: readonly string[]): Frame[] {
  const ports = dialect === "classic" ? PORTS.filter((port) => connected.includes(port)) : PORTS;
  const frames: Frame[] = [];
  parametersOf(text).forEach((name, index) => {
    const port = ports[index];
    if (port !== undefined) frames.push({ name, port });
  });
  const known = frames.slice();
  for (const match of text.matchAll(/^[ \t]+([A-Za-z_]\w*)[ \t]*=[ \t]*([A-Za-z_]\w*)(?:\.copy\(\))?[ \t]*(?:#.*)?$/gm)) {
    const origin = known.find((frame) => frame.name === match[2]);
    if (origin && !frames.some((frame) => frame.name === match[1])) frames.push({ name: match[1] ?? "", port: origin.port });
  }
  return frames;
}

/** What is being typed before the cursor, when it is a column's name. */
export function columnBefore(line: string, lineStart: number): ColumnPlace | null {
  const quoted = /([A-Za-z_]\w*)(?:\.loc)?\[[^\]"']*(?:(?:"[^"]*"|'[^']*')[^\]"']*)*(["'])([^"']*)$/.exec(line);
  if (quoted) return { frame: quoted[1] ?? "", from: lineStart + line.length - (quoted[3] ?? "").length, quote: quoted[2] ?? "" };
  const attribute = /(?<![\w.])([A-Za-z_]\w*)\.([A-Za-z_]\w*)?$/.exec(line);
  if (attribute) return { frame: attribute[1] ?? "", from: lineStart + line.length - (attribute[2] ?? "").length, quote: "" };
  return null;
}

/** Columns that are named and are not there, unless the script adds them before. */
export function unknownColumns(text: string, frames: readonly Frame[], columns: Record<string, string[]>): UnknownColumn[] {
  const body = bodyOf(text);
  if (body === null) return [];
  const found: UnknownColumn[] = [];
  for (const frame of frames) {
    const known = columns[frame.port];
    if (known === undefined) continue;
    found.push(...unknownIn(text, body, frame.name, known));
  }
  return found.sort((a, b) => a.from - b.from);
}

function unknownIn(text: string, body: { from: number; to: number }, frame: string, known: string[]): UnknownColumn[] {
  const end = Math.min(body.to, changedAt(text, frame, body));
  const region = text.slice(body.from, end);
  const added = new Map<string, number>();
  const add = (name: string, at: number) => added.set(name, Math.min(at, added.get(name) ?? Infinity));
  const own = escaped(frame);
  for (const match of region.matchAll(new RegExp(`(?<![\\w.])${own}(?:\\.loc\\[[^\\]"']*,\\s*|\\[)(["'])([^"'\\\\\\n]*)\\1\\](?=\\s*[-+*/|&]?=(?!=))`, "g"))) {
    add(match[2] ?? "", match.index);
  }
  for (const match of region.matchAll(new RegExp(`(?<![\\w.])${own}\\.insert\\([^,]*,\\s*(["'])([^"'\\n]*)\\1`, "g"))) add(match[2] ?? "", match.index);
  const uses = new RegExp(`(?<![\\w.])${own}(?:\\.loc\\[[^\\]"'\\n]*,\\s*\\[?|\\[\\[?)((?:\\s*(?:"[^"\\\\\\n]*"|'[^'\\\\\\n]*')\\s*,?)+)\\]`, "g");
  const found: UnknownColumn[] = [];
  for (const use of region.matchAll(uses)) {
    if (isComment(region, use.index)) continue;
    const listAt = use.index + use[0].lastIndexOf(use[1] ?? "");
    for (const one of (use[1] ?? "").matchAll(/(["'])([^"'\n]*)\1/g)) {
      const name = one[2] ?? "";
      const at = listAt + one.index + 1;
      if (name === "" || known.includes(name) || (added.get(name) ?? Infinity) <= use.index) continue;
      const from = body.from + at;
      found.push({ from, to: from + name.length, name, frame, nearest: nearest(name, [...known, ...[...added.keys()].filter((one) => one !== name)]) });
    }
  }
  return found;
}

/** Where a frame gets another value or other names, so that its columns are not known any more. */
function changedAt(text: string, frame: string, body: { from: number; to: number }): number {
  const region = text.slice(body.from, body.to);
  const own = escaped(frame);
  const changes = [
    new RegExp(`(?<![\\w.])${own}[ \\t]*=(?!=)(?![ \\t]*[A-Za-z_]\\w*(?:\\.copy\\(\\))?[ \\t]*(?:#.*)?$)`, "gm"),
    new RegExp(`(?<![\\w.])${own}\\.columns[ \\t]*=(?!=)`, "g"),
    new RegExp(`(?<![\\w.])${own}\\.(?:rename|reset_index|drop|set_index|eval|pop|update)\\([^\\n]*inplace\\s*=\\s*True`, "g"),
    new RegExp(`(?<![\\w.])${own}\\[(?!\\s*(?:\\[|"|'))[^\\]\\n]*\\][ \\t]*=(?!=)`, "g"),
    new RegExp(`\\bfor\\b[^\\n:]*\\b${own}\\b[^\\n:]*\\bin\\b`, "g"),
  ];
  let first = Infinity;
  for (const change of changes) {
    for (const match of region.matchAll(change)) {
      const isDefault = /^def[ \t]/.test(region.slice(region.lastIndexOf("\n", match.index) + 1)) || isHead(region, match.index);
      if (!isDefault && !isComment(region, match.index)) first = Math.min(first, match.index);
    }
  }
  if (first === Infinity) return Infinity;
  const lineEnd = region.indexOf("\n", first); // the right side still means the frame before
  return body.from + (lineEnd < 0 ? region.length : lineEnd);
}

/** The text of azureml_main: from its `def` to the next line that begins at the margin. */
function bodyOf(text: string): { from: number; to: number } | null {
  const head = /^def[ \t]+azureml_main[ \t]*\(/m.exec(text);
  if (!head) return null;
  const after = /^\S/gm;
  after.lastIndex = headEnd(text, head.index);
  return { from: head.index, to: after.exec(text)?.index ?? text.length };
}

function headEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = text.indexOf("(", from); at < text.length; at++) {
    if ("([{".includes(text[at] ?? "")) depth++;
    if (")]}".includes(text[at] ?? "") && --depth === 0) return Math.max(at, text.indexOf("\n", at));
  }
  return text.length;
}

function isHead(region: string, at: number): boolean {
  return at < headEnd(region, 0);
}

function isComment(region: string, at: number): boolean {
  const line = region.slice(region.lastIndexOf("\n", at) + 1, at);
  return /^[^"']*#/.test(line.replace(/"[^"]*"|'[^']*'/g, ""));
}

function escaped(name: string): string {
  return name.replace(/[$]/g, "\\$&");
}

/** The known name that is most alike, or null. */
export function nearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const one of known) {
    const distance = one.toLowerCase() === name.toLowerCase() ? 0 : edits(name.toLowerCase(), one.toLowerCase(), least);
    if (distance < least) [best, least] = [one, distance];
  }
  return best;
}

function edits(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? most;
}
