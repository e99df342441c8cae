// `npm run build`: everything that `picket` needs, nothing else.
import { build } from "./lib/build.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { script } from "./lib/run.mjs";

await script(async () => {
  await ensurePackages();
  await build();
});
