import type { Compilable } from "kysely";
import type { Database } from "../../store/database.ts";
import { encodeJournal } from "./journalCodec.ts";
import type { Folding, OpenSeries } from "./openSeries.ts";
import { blockStart, RollupBlock, type RollupTier, rollupTiers } from "./rollup.ts";
import { encodeSamples, type SampleTable, splitBySpan } from "./sampleTable.ts";

/**
 * Moves samples from the journal into their lasting form: one compressed block of raw samples per node, and the rows of
 * the rolled-up tiers. Per node it is one transaction with the mark "folded through journal row n", so a crash at any
 * point neither loses a sample nor counts one twice.
 */
export class MetricFolder {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Folds what is open of these nodes.
   *
   * @throws {PicketError} `DATABASE_ERROR`; everything is as before and can be tried again
   */
  async fold(batch: readonly OpenSeries[]): Promise<void> {
    const statements: Compilable[] = [];
    for (const series of batch) {
      const folding = series.startFold();
      if (folding !== undefined) statements.push(...(await this.#statements(series, folding)));
    }
    await this.#database.transact(statements);
    for (const series of batch) series.folding = undefined;
  }

  async #statements(series: OpenSeries, folding: Folding): Promise<Compilable[]> {
    const { kysely } = this.#database;
    const { table } = folding;
    const { nodeKey } = series;
    const newest = encodeJournal(series.latest === undefined ? [] : [{ nodeKey, ...series.latest }]);
    const mark = { folded_through: folding.lastJournalId, newest };
    const rollups = await Promise.all(rollupTiers.map((tier) => this.#rollUp(tier, nodeKey, table)));
    return [
      ...splitBySpan(table).map((part) =>
        kysely.insertInto("metric_raw").values({
          node_key: nodeKey,
          start: part.times[0] ?? 0,
          end: part.times.at(-1) ?? 0,
          block: encodeSamples(part),
        }),
      ),
      ...rollups.flat(),
      kysely
        .insertInto("metric_series")
        .values({ node_key: nodeKey, ...mark })
        .onConflict((conflict) => conflict.column("node_key").doUpdateSet(mark)),
    ];
  }

  /** The blocks of `tier` that the samples fall into, with the samples added. */
  async #rollUp(tier: RollupTier, nodeKey: number, table: SampleTable): Promise<Compilable[]> {
    const { kysely } = this.#database;
    const starts = [...new Set(Array.from(table.times, (time) => blockStart(tier, time)))];
    const stored = await kysely
      .selectFrom(tier.table)
      .select(["start", "block"])
      .where("node_key", "=", nodeKey)
      .where("start", "in", starts)
      .execute();
    return starts.map((start) => {
      const known = stored.find((row) => row.start === start);
      const block = known === undefined ? RollupBlock.empty(tier, start) : RollupBlock.decode(tier, known);
      block.add(table);
      const bytes = block.encode();
      return kysely
        .insertInto(tier.table)
        .values({ node_key: nodeKey, start, block: bytes })
        .onConflict((conflict) => conflict.columns(["node_key", "start"]).doUpdateSet({ block: bytes }));
    });
  }
}
