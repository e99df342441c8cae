// `npm start`: sets up what is missing, then core, agent and console on this machine.
import { runPicket } from "./lib/picket.mjs";
import { script } from "./lib/run.mjs";

await script(() => runPicket(process.argv.slice(2)));
