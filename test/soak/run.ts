// The entry of `npm run soak`: the long tests. Ctrl-C ends all of it at once.
import { parseArgs } from "node:util";
import { formatColumns } from "../bench/support/table.ts";
import type { Trial } from "./trial.ts";
import { agentAlone } from "./trials/agentAlone.ts";
import { bigFile } from "./trials/bigFile.ts";
import { bigFileInBrowser } from "./trials/bigFileInBrowser.ts";
import { cutLinks } from "./trials/cutLinks.ts";
import { fuzz } from "./trials/fuzz.ts";
import { killedDocuments } from "./trials/killedDocuments.ts";
import { restarts } from "./trials/restarts.ts";

const trials: readonly Trial[] = [agentAlone, restarts, cutLinks, fuzz, bigFile, killedDocuments, bigFileInBrowser];

const usage = `npm run soak -- [--minutes N] [--seed N] [LETTER…]
${trials.map(({ letter, title, minutes }) => `  ${letter}  ${title} (${minutes} min)`).join("\n")}
`;

const { values, positionals } = parseArgs({
  options: {
    minutes: { type: "string" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((letter) => !trials.some((trial) => trial.letter === letter));
const given = values.minutes === undefined ? undefined : Number(values.minutes);
if (values.help || unknown.length > 0 || (given !== undefined && !(given > 0))) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
if (process.platform !== "linux") {
  console.log("the soak reads /proc: it runs on Linux only");
  process.exit(2);
}

const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const rows: string[][] = [["trial", "what", "ok", "value"]];
let failed = false;
for (const trial of trials) {
  if (positionals.length > 0 && !positionals.includes(trial.letter)) continue;
  const minutes = given ?? trial.minutes;
  console.error(`${trial.letter}: ${trial.title}, ${minutes} min, seed ${seed}`);
  const say = (what: string): void => console.error(`  ${new Date().toISOString().slice(11, 19)} ${what}`);
  try {
    for (const { what, value, ok } of await trial.run({ minutes, seed, say })) {
      rows.push([trial.letter, what, ok === undefined ? "" : ok ? "yes" : "NO", value]);
      failed ||= ok === false;
    }
  } catch (error) {
    failed = true;
    rows.push([trial.letter, "ran to its end", "NO", error instanceof Error ? error.message : String(error)]);
    console.error(error);
  }
}
console.log(`\n${formatColumns(rows, 2)}`);
console.log(failed ? "\nfailed" : "\neverything held");
process.exit(failed ? 1 : 0);
