// Fails when what a browser loads for the first page, compressed, exceeds its bound (UX.md 4.10).
// Run: node scripts/check-size.mjs [FOLDER OF THE BUILD]
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const MOST_BYTES = 300 * 1024;
// What the first page needs: the list of experiments and the canvas, also where it is loaded lazily.
const FIRST = [/^index\.html$/, /(^|\/)(experiments|canvas|palette|panel|document)\//];

const folder = process.argv[2] ?? new URL("../../src/studiolo/webapp", import.meta.url).pathname;
const manifestFile = join(folder, ".vite", "manifest.json");
if (!existsSync(manifestFile)) {
  console.error(`${folder} holds no build of the page: make page`);
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));

const files = new Set(["index.html"]);
const seen = new Set();
function add(key) {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) add(imported);
}
for (const [key, chunk] of Object.entries(manifest)) {
  const isEntry = chunk.isEntry || chunk.isDynamicEntry;
  if (isEntry && FIRST.some((pattern) => pattern.test(chunk.src ?? key))) add(key);
}
const sizes = [...files].map((file) => [file, gzipSync(readFileSync(join(folder, file)), { level: 9 }).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
if (total > MOST_BYTES) {
  for (const [file, size] of sizes.sort((a, b) => b[1] - a[1])) console.error(`  ${kib(size).padStart(11)}  ${file}`);
  console.error(`The first page is ${kib(total)} compressed; its bound is ${kib(MOST_BYTES)}.`);
  process.exit(1);
}
console.log(`The first page is ${kib(total)} compressed, of ${kib(MOST_BYTES)}.`);
