// `npm run soak`: the long tests. `npm run soak -- --minutes 5 a c` runs two of them for five minutes each.
import { join } from "node:path";
import { ensureBuild } from "./lib/build.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { nodeExecutable, root } from "./lib/paths.mjs";
import { run, script } from "./lib/run.mjs";

await script(async () => {
  await ensurePackages();
  await ensureBuild();
  return run(nodeExecutable(), [join(root, "test/soak/run.ts"), ...process.argv.slice(2)], { cwd: process.cwd() });
});
