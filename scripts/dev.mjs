// `npm run dev`: the program from source, restarted on changes, and the console from Vite with hot reload.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensurePackages } from "./lib/packages.mjs";
import { nodeExecutable, root } from "./lib/paths.mjs";
import { run, say, script } from "./lib/run.mjs";

await script(async () => {
  await ensurePackages();
  const vite = spawn(nodeExecutable(), [join(root, "node_modules/vite/bin/vite.js"), "--clearScreen", "false"], {
    cwd: root,
    stdio: "inherit",
  });
  say("the console is at the address that Vite prints; sign in with the link of `npm run -s picket -- console`");
  try {
    return await run(nodeExecutable(), ["--watch", "src-main/headless.ts", "--no-open", ...process.argv.slice(2)]);
  } finally {
    vite.kill();
  }
});
