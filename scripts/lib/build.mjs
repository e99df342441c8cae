import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtEntry, nodeExecutable, root } from "./paths.mjs";
import { must, say } from "./run.mjs";

const sources = ["src-main", "src-renderer", "resources", "package-lock.json", "package.json", "vite.config.ts"];
const stampFile = join(root, "dist", ".built-from");

/** Builds the program and its console into `dist/`. */
export async function build() {
  say("building…");
  // Before: a source that is changed meanwhile may not be in what was built.
  const builtFrom = fingerprint();
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  await must("the build", [nodeExecutable(), vite, "build", "--app", "--logLevel", "warn"], { quiet: true });
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(stampFile, builtFrom);
}

/** Builds only when a source differs from what `dist/` was built from. */
export async function ensureBuild() {
  if (existsSync(builtEntry) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === fingerprint()) return;
  await build();
}

/** A hash over the contents of every source file: modification times lie after a checkout. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const name of sources) add(hash, join(root, name));
  return hash.digest("hex");
}

function add(hash, path) {
  if (!existsSync(path)) return;
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    hash.update(path.slice(root.length)).update(readFileSync(path));
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) add(hash, join(path, entry.name));
}
