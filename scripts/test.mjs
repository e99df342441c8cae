// `npm test`: every check and test. `npm test -- FILE…` runs only those test files.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBrowser } from "./lib/browser.mjs";
import { ensureBuild } from "./lib/build.mjs";
import { runChecks } from "./lib/checks.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { nodeExecutable, root } from "./lib/paths.mjs";
import { run, script } from "./lib/run.mjs";

/** Milliseconds for one file of tests: one that hangs must not take the run with it. */
const testTimeout = 180_000;

await script(async () => {
  await ensurePackages();
  await ensureBuild();
  const browser = await ensureBrowser();
  const named = process.argv.slice(2);
  const failedChecks = named.length > 0 ? 0 : await runChecks();
  const files = named.length > 0 ? named : testFiles("test");
  // The shells that tests start read no profile of whoever runs them, which may wait for a lock or ask something.
  const home = mkdtempSync(join(tmpdir(), "picket-test-home-"));
  const env = {
    ...process.env,
    HOME: home,
    // Every file of tests is a process that reads the same sources: the second one finds them compiled.
    NODE_COMPILE_CACHE: join(home, "compiled"),
    ...(browser === undefined ? {} : { PICKET_TEST_BROWSER: browser }),
  };
  try {
    const options = ["--test", "--test-concurrency=2", `--test-timeout=${testTimeout}`];
    const code = await run(nodeExecutable(), [...options, ...files], { env });
    return code === 0 && failedChecks === 0 ? 0 : 1;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

function testFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name))
    .sort();
}
