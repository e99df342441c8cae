import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HistoryBuilder, HistoryPlan, TableSize } from "../children/historyBuilder.ts";
import { Child } from "./child.ts";
import { root } from "./product.ts";

export interface HistoryDatabase {
  /** A data folder with the core's database in it. */
  readonly dataFolder: string;
  readonly file: string;
  /** The wall time at the end of the history. */
  readonly until: number;
  readonly tables: readonly TableSize[];
}

interface About {
  readonly until: number;
  readonly tables: readonly TableSize[];
}

const sources = ["src-main/core/metrics", "src-main/store", "test/bench/children/historyBuilder.ts"];
const prefix = "picket-bench-history-";
const minute = 60_000;

/**
 * A core's database with a year of history, made once: it takes minutes. It is kept in the temporary folder under the
 * hash of what decides its bytes, and made anew when that changes.
 */
export async function historyDatabase(plan: HistoryPlan, say: (what: string) => void): Promise<HistoryDatabase> {
  const dataFolder = join(tmpdir(), `${prefix}${fingerprint(plan)}`);
  const file = join(dataFolder, "core", "picket.db");
  const about = join(dataFolder, "about.json");
  if (!existsSync(about)) {
    removeOthers();
    const unfinished = `${dataFolder}.new`;
    mkdirSync(join(unfinished, "core"), { recursive: true });
    const until = Math.floor(Date.now() / minute) * minute;
    const builder = Child.start<HistoryBuilder>(import.meta.url, "../children/historyBuilder.ts");
    say(`making a database of ${plan.nodes} nodes and ${plan.days} days; it is kept for the next run`);
    const built = await builder.call("build", { file: join(unfinished, "core", "picket.db"), until, plan });
    await builder.stop();
    say(`made in ${built.seconds.toFixed(0)} s`);
    const content: About = { until, tables: built.tables };
    writeFileSync(join(unfinished, "about.json"), JSON.stringify(content));
    renameSync(unfinished, dataFolder);
  }
  const { until, tables } = JSON.parse(readFileSync(about, "utf8")) as About;
  return { dataFolder, file, until, tables };
}

function fingerprint(plan: HistoryPlan): string {
  const hash = createHash("sha256").update(JSON.stringify(plan));
  for (const source of sources) {
    const path = join(root, source);
    const files = source.endsWith(".ts") ? [path] : filesOf(path);
    for (const file of files) hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => join(folder, name));
}

/** Databases of other sources: gigabytes that nobody asks for again. */
function removeOthers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(prefix)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
