// The palette's items as a tree of categories, and what typing leaves of it [10, 11].
import type { DatasetRow, Module } from "../api/types";
import type { Item } from "../canvas/dropping";
import { holdsOf, portLabel } from "../document/graph";
import { matches } from "../ui/matching";
import { plural } from "../ui/quantities";

export interface PaletteItem extends Item {
  label: string;
  category: string;
  summary: string;
  description: string;
  note: string;
  /** From the workspace's folder of modules. */
  isOwn: boolean;
  /** Everything that typing is looked for in. */
  text: string;
}

export interface Category {
  name: string;
  path: string;
  items: PaletteItem[];
  below: Category[];
  count: number;
}

const SAVED = "Saved Datasets";
export const MODELS = "Trained Models";
const BUILT_IN = "built in"; // a module's origin; others have the file or package they come from

export function moduleItems(modules: readonly Module[]): PaletteItem[] {
  return modules
    .filter((module) => module.id !== "dataset")
    .map((module) => ({
      kind: "module",
      id: module.id,
      label: module.name,
      category: module.category,
      summary: module.summary,
      description: module.description,
      note: portsText(module),
      isOwn: module.origin !== BUILT_IN,
      text: [module.name, module.id, module.summary, module.category, ...module.aliases, ...portAliases(module)].join(" "),
    }));
}

function portAliases(module: Module): string[] {
  return module.parameters.flatMap((one) => [one.label, ...one.aliases]);
}

function portsText(module: Module): string {
  const words = (ports: Module["inputs"]): string => ports.map((port) => `${portLabel(port)} (${holdsOf(port)})`).join(", ");
  const lines = [];
  if (module.inputs.length > 0) lines.push(`Inputs: ${words(module.inputs)}`);
  if (module.outputs.length > 0) lines.push(`Outputs: ${words(module.outputs)}`);
  return lines.join("\n");
}

const PLACES: Record<string, string> = { dataset: SAVED, zip: SAVED, file: SAVED, object: MODELS };

export function datasetItems(datasets: readonly DatasetRow[]): PaletteItem[] {
  return datasets.map((one) => ({
    kind: "dataset",
    id: one.name,
    label: one.name,
    category: PLACES[one.kind] ?? SAVED,
    summary: one.rows === null || one.rows === undefined ? one.kind : `${plural(one.rows, "row")} × ${plural(one.columns ?? 0, "column")}`,
    description: one.origin,
    note: plural(one.versions, "version"),
    isOwn: false,
    text: `${one.name} ${one.origin} ${one.kind}`,
  }));
}

export const SERVICE_ITEMS: PaletteItem[] = (["input", "output"] as const).map((side) => ({
  kind: "service",
  id: side,
  label: `Web service ${side}`,
  category: "Web Service",
  summary: side === "input" ? "Where the data of a request comes in." : "Where the answer to a request is taken.",
  description: "Drop it beside a node: it is joined to the nearest port that fits. Draw a line from it to another port to move it.",
  note: "",
  isOwn: false,
  text: `web service ${side} request answer endpoint`,
}));

/** Items in their categories, both sorted; categories that typing leaves empty are left out. */
export function categories(items: readonly PaletteItem[], typed: string): Category[] {
  const top: Category = { name: "", path: "", items: [], below: [], count: 0 };
  for (const item of items) {
    if (typed.trim() !== "" && !matches(item.text, typed)) continue;
    let place = top;
    place.count += 1;
    for (const name of (item.category || "Other").split(" / ")) {
      let next = place.below.find((one) => one.name === name);
      if (next === undefined) {
        next = { name, path: place.path === "" ? name : `${place.path} / ${name}`, items: [], below: [], count: 0 };
        place.below.push(next);
      }
      next.count += 1;
      place = next;
    }
    place.items.push(item);
  }
  return sorted(top, typed).below;
}

/** How well an item's own name fits what was typed: 0 begins with it, 1 has it, 2 only its other words do. */
function rank(item: PaletteItem, typed: string): number {
  const label = item.label.toLowerCase();
  const wanted = typed.trim().toLowerCase();
  return label.startsWith(wanted) ? 0 : matches(label, wanted) ? 1 : 2;
}

function best(category: Category, typed: string): number {
  return Math.min(2, ...category.items.map((item) => rank(item, typed)), ...category.below.map((one) => best(one, typed)));
}

function sorted(category: Category, typed: string): Category {
  const first = (one: Category): number => (typed.trim() === "" ? (one.name === SAVED ? 0 : 1) : best(one, typed));
  category.below.sort((a, b) => first(a) - first(b) || a.name.localeCompare(b.name));
  category.items.sort((a, b) => (typed.trim() === "" ? 0 : rank(a, typed) - rank(b, typed)) || a.label.localeCompare(b.label));
  category.below.forEach((one) => sorted(one, typed));
  return category;
}

const OPEN_AT_FIRST = [SAVED, MODELS, "Data Input and Output", "Python Language Modules"];

/** Whether a category is open before anybody has touched it: where one begins, and what the workspace adds. */
export function isOpenAtFirst(category: Category): boolean {
  return OPEN_AT_FIRST.includes(category.path) || hasOwn(category);
}

const hasOwn = ({ items, below }: Category): boolean => items.some((item) => item.isOwn) || below.some(hasOwn);

/** Rows from top to bottom as they are shown: what arrow keys walk over. */
export type Row = { kind: "category"; category: Category; depth: number; isOpen: boolean } | { kind: "item"; item: PaletteItem; depth: number };

export function rows(all: readonly Category[], isOpen: (category: Category) => boolean, depth = 0): Row[] {
  return all.flatMap((category): Row[] => {
    const open = isOpen(category);
    const head: Row = { kind: "category", category, depth, isOpen: open };
    if (!open) return [head];
    return [
      head,
      ...rows(category.below, isOpen, depth + 1),
      ...category.items.map((item): Row => ({ kind: "item", item, depth: depth + 1 })),
    ];
  });
}
