import { existsSync } from "node:fs";
import { join } from "node:path";
import { nodeExecutable, root } from "./paths.mjs";
import { run, say } from "./run.mjs";

/** What `npm run check` asks, each with the words of its tool on failure. */
const checks = [
  { name: "format and lint", tool: "@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
  { name: "types of src-main", tool: "typescript/bin/tsc", args: ["-p", "src-main"] },
  { name: "types of test", tool: "typescript/bin/tsc", args: ["-p", "test"] },
  {
    name: "types of src-renderer",
    tool: "svelte-check/bin/svelte-check",
    args: ["--tsconfig", "src-renderer/tsconfig.json", "--fail-on-warnings", "--output", "human"],
  },
  { name: "dead code", tool: "knip/bin/knip.js", args: ["--no-progress"] },
];

/** Runs every check, also after one failed, and returns how many failed. */
export async function runChecks() {
  const failed = [];
  for (const check of checks) {
    say(`checking ${check.name}…`);
    const tool = join(root, "node_modules", check.tool);
    if (!existsSync(tool) || (await run(nodeExecutable(), [tool, ...check.args])) !== 0) failed.push(check.name);
  }
  if (failed.length > 0) say(`failed: ${failed.join(", ")}`);
  return failed.length;
}
