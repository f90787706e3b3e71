// Tells by its exit code whether node_modules holds what package-lock.json names.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const installed = join(root, "node_modules", ".package-lock.json");
if (!existsSync(installed)) process.exit(1);
const has = JSON.parse(readFileSync(installed, "utf8")).packages;
const wants = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
for (const [path, entry] of Object.entries(wants)) {
  if (!path || entry.link) continue;
  if (has[path] === undefined ? !entry.optional : has[path].version !== entry.version) process.exit(1);
}
