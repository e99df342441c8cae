// `npm run check`: types, lint, format, dead code. The import table is a test: test/architecture.
import { runChecks } from "./lib/checks.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { script } from "./lib/run.mjs";

await script(async () => {
  await ensurePackages();
  return (await runChecks()) === 0 ? 0 : 1;
});
