// Says what the bundle weighs, and fails where it is too heavy or holds what a strict policy forbids.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 500_000;
const FORBIDDEN = /\bnew Function\b|\bFunction\s*\(|(?<![\w.])eval\s*\(|\bimport\s*\(|<\/script|setAttribute\(\s*["']style["']/;

const dist = new URL("../dist/", import.meta.url);
let total = 0;
for (const name of readdirSync(dist)) {
  const content = readFileSync(new URL(name, dist));
  const zipped = gzipSync(content, { level: 9 }).length;
  total += zipped;
  console.log(`${name}: ${content.length} bytes, ${zipped} gzipped`);
  const found = name.endsWith(".js") && FORBIDDEN.exec(content.toString());
  if (found) {
    console.error(`${name} holds ${JSON.stringify(content.toString().slice(found.index - 60, found.index + 60))}`);
    process.exit(1);
  }
}
console.log(`together ${total} of ${LIMIT} bytes gzipped`);
if (total >= LIMIT) process.exit(1);
