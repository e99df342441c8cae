// `npm run -s picket -- ARGS`: the program under Node, for servers and scripts. Only its own output goes to stdout.
import { runPicket } from "./lib/picket.mjs";
import { script } from "./lib/run.mjs";

await script(() => runPicket(process.argv.slice(2)));
