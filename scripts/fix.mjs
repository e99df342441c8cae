// `npm run fix`: formats, applies the linter's safe fixes, writes what is generated in the documents, then checks.
import { join } from "node:path";
import { runChecks } from "./lib/checks.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { nodeExecutable, root } from "./lib/paths.mjs";
import { run, script } from "./lib/run.mjs";

await script(async () => {
  await ensurePackages();
  await run(nodeExecutable(), [join(root, "node_modules/@biomejs/biome/bin/biome"), "check", "--write", "."]);
  await run(nodeExecutable(), [join(root, "test/documentation/write.ts")]);
  return (await runChecks()) === 0 ? 0 : 1;
});
