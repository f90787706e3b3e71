// Writes the licences of the packages whose code the page may contain, as their licences ask.
// Run: node scripts/licences.mjs [FOLDER OF THE BUILD]
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const folder = process.argv[2] ?? join(root, "../src/studiolo/webapp");
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

const parts = ["The page of studiolo contains code of the following packages, under these licences.\n"];
const missing = [];
for (const [path, entry] of Object.entries(lock.packages).sort()) {
  if (!path || entry.dev || entry.link) continue;
  const place = join(root, path);
  if (!existsSync(place)) {
    if (!entry.optional && !entry.peer && !entry.devOptional) missing.push(path);
    continue;
  }
  const name = path.replace(/^.*node_modules\//, "");
  const facts = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  const texts = readdirSync(place).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  parts.push(`${"-".repeat(72)}\n${name} ${facts.version}: ${facts.license ?? "see below"}\n`);
  for (const file of texts) parts.push(`${readFileSync(join(place, file), "utf8").trim()}\n`);
}
if (missing.length > 0) {
  console.error(`Not installed: ${missing.join(", ")}. Run npm ci first.`);
  process.exit(1);
}
writeFileSync(join(folder, "third-party-licences.txt"), parts.join("\n"));
