import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The major version of Node that the program is built and tested for: the one of the dev dependency `node`. */
export const nodeMajor = 24;

const packaged = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/** The Node executable that runs everything: the dev dependency where it is installed, else this one if it fits. */
export function nodeExecutable() {
  if (existsSync(packaged)) return packaged;
  return Number(process.versions.node.split(".")[0]) === nodeMajor ? process.execPath : undefined;
}

/** The built program's entry. */
export const builtEntry = join(root, "dist", "main", "headless.js");

/**
 * What Node itself is started with for the program. Its young generation grows to three times 16 MiB when thousands of
 * nodes connect and stays so; with 8 MiB as many heartbeats are stored per second, and the core at 5,000 nodes is 40 MB
 * smaller.
 */
export const nodeOptions = ["--max-semi-space-size=8"];
