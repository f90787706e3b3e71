// Makes a tree of the paths in a zip: folders first, each in the order of names. Pure.
import type { ZipListing } from "../api/types";

export interface Branch {
  name: string;
  size: number;
  /** Null for a file. */
  children: Branch[] | null;
}

interface Growing {
  files: Map<string, number>;
  folders: Map<string, Growing>;
}

const MOST_DEEP = 40;

export function treeOf(entries: ZipListing["entries"]): Branch[] {
  const root: Growing = { files: new Map(), folders: new Map() };
  for (const entry of entries) {
    const parts = entry.name.split("/").filter((part) => part !== "");
    if (parts.length > MOST_DEEP) parts.splice(MOST_DEEP - 1, parts.length, parts.slice(MOST_DEEP - 1).join("/"));
    const file = entry.is_folder ? null : (parts.pop() ?? entry.name);
    let place = root;
    for (const part of parts) {
      const next = place.folders.get(part) ?? { files: new Map(), folders: new Map() };
      place.folders.set(part, next);
      place = next;
    }
    if (file !== null) place.files.set(file, entry.size);
  }
  return grown(root);
}

function grown({ files, folders }: Growing): Branch[] {
  const byName = <T>(a: [string, T], b: [string, T]): number => a[0].localeCompare(b[0]);
  return [
    ...[...folders].sort(byName).map(([name, folder]) => ({ name, size: 0, children: grown(folder) })),
    ...[...files].sort(byName).map(([name, size]) => ({ name, size, children: null })),
  ];
}
