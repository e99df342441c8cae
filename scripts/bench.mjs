// `npm run bench`: measures this program against bare baselines. `npm run bench -- NAME…` runs only some figures.
import { join } from "node:path";
import { ensureBuild } from "./lib/build.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { nodeExecutable, root } from "./lib/paths.mjs";
import { run, script } from "./lib/run.mjs";

await script(async () => {
  await ensurePackages();
  await ensureBuild();
  return run(nodeExecutable(), [join(root, "test/bench/run.ts"), ...process.argv.slice(2)], { cwd: process.cwd() });
});
