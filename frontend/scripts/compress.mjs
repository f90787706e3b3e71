// Lays a .br and a .gz beside every file of the build that gets smaller by it; the server sends those.
// Run: node scripts/compress.mjs [FOLDER OF THE BUILD]
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2] ?? new URL("../../src/studiolo/webapp", import.meta.url).pathname;
const LEAST_BYTES = 1024;

for (const part of [folder, join(folder, "assets")]) {
  for (const entry of readdirSync(part, { withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|svg|json|txt)$/.test(entry.name)) continue;
    const path = join(part, entry.name);
    const content = readFileSync(path);
    if (content.length < LEAST_BYTES) continue;
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
    for (const [ending, packed] of [[".br", brotliCompressSync(content, options)], [".gz", gzipSync(content, { level: 9 })]]) {
      if (packed.length < content.length * 0.95) writeFileSync(path + ending, packed);
    }
  }
}
