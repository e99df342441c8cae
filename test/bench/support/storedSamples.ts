import { decodeJournal } from "../../../src-main/core/metrics/journalCodec.ts";
import { decodeSamples } from "../../../src-main/core/metrics/sampleTable.ts";
import { Database } from "../../../src-main/store/database.ts";

/**
 * The time of every sample in a core's database, by node, in order; one that is there twice is in the list twice. Looks
 * at what is stored and at nothing that the core remembers: for after the core has stopped.
 */
export async function storedSamples(file: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const database = await Database.open({ file });
  try {
    return await read(database);
  } finally {
    await database.close();
  }
}

async function read({ kysely }: Database): Promise<ReadonlyMap<string, readonly number[]>> {
  const nodes = await kysely.selectFrom("nodes").select(["key", "node_id"]).execute();
  const times = new Map<number, number[]>(nodes.map(({ key }) => [key, []]));
  const folded = new Map<number, number>();
  for (const row of await kysely.selectFrom("metric_series").select(["node_key", "folded_through"]).execute()) {
    folded.set(row.node_key, row.folded_through);
  }
  for (const { key } of nodes) {
    const own = times.get(key) ?? [];
    const blocks = await kysely.selectFrom("metric_raw").select("block").where("node_key", "=", key).execute();
    for (const { block } of blocks) own.push(...decodeSamples(block, []).times);
  }
  for (let after = 0; ; ) {
    const rows = await kysely.selectFrom("metric_journal").selectAll().where("id", ">", after).limit(500).execute();
    for (const { id, samples } of rows) {
      after = Math.max(after, id);
      for (const { nodeKey, time } of decodeJournal(samples)) {
        if (id > (folded.get(nodeKey) ?? 0)) times.get(nodeKey)?.push(time);
      }
    }
    if (rows.length === 0) break;
  }
  return new Map(
    nodes.map(({ key, node_id }) => [node_id, (times.get(key) ?? []).toSorted((first, second) => first - second)]),
  );
}
