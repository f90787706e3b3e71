// A zip's paths make a tree, whatever they are (UX 2, bundles).
import { expect, it } from "vitest";

import { treeOf } from "./zipTree";

const file = (name: string, size = 1) => ({ name, size, is_folder: false });

it("puts folders first and files in order", () => {
  expect(treeOf([file("z.py", 3), file("pack/b.py"), file("pack/a.py"), { name: "empty/", size: 0, is_folder: true }])).toEqual([
    { name: "empty", size: 0, children: [] },
    { name: "pack", size: 0, children: [{ name: "a.py", size: 1, children: null }, { name: "b.py", size: 1, children: null }] },
    { name: "z.py", size: 3, children: null },
  ]);
});

it("survives names that are no paths", () => {
  expect(treeOf([file("../../etc/passwd"), file("/abs"), file("__proto__/constructor")]).map((one) => one.name)).toEqual(["__proto__", "..", "abs"]);
  expect(treeOf([file("a/".repeat(5000) + "b")])).toHaveLength(1);
});
