import type { Sample } from "./metricColumns.ts";
import { SampleBuffer, type SampleTable } from "./sampleTable.ts";

/** Samples on their way from the journal into a block. They stay readable until the block is stored. */
export interface Folding {
  readonly table: SampleTable;
  readonly firstJournalId: number;
  readonly lastJournalId: number;
}

/** What is known of a node's newest samples: those that are in the journal and in no block yet. */
export class OpenSeries {
  readonly nodeKey: number;
  /** The newest time ever taken from this node, also of samples still on their way to the journal. */
  newestTime: number;
  /** The newest sample that is stored. */
  latest: Sample | undefined;
  folding: Folding | undefined;
  #buffer: SampleBuffer | undefined;
  #firstJournalId = 0;
  #lastJournalId = 0;
  #openedAt = 0;

  constructor(nodeKey: number, latest?: Sample) {
    this.nodeKey = nodeKey;
    this.latest = latest;
    this.newestTime = latest?.time ?? Number.NEGATIVE_INFINITY;
  }

  get openCount(): number {
    return this.#buffer?.count ?? 0;
  }

  /** Since when the oldest open sample waits, on the monotonic clock. */
  get openedAt(): number {
    return this.#openedAt;
  }

  /** The oldest journal row that is still needed for this node; undefined when none is. */
  get neededJournalId(): number | undefined {
    if (this.folding !== undefined) return this.folding.firstJournalId;
    return this.#buffer === undefined ? undefined : this.#firstJournalId;
  }

  add(sample: Sample, journalId: number, now: number): void {
    if (this.#buffer === undefined) {
      this.#buffer = new SampleBuffer();
      this.#firstJournalId = journalId;
      this.#openedAt = now;
    }
    this.#buffer.add(sample.time, sample.values);
    this.#lastJournalId = journalId;
    this.newestTime = Math.max(this.newestTime, sample.time);
    if (this.latest === undefined || sample.time >= this.latest.time) {
      this.latest = { time: sample.time, values: sample.values };
    }
  }

  has(time: number): boolean {
    return this.#buffer?.has(time) === true || this.folding?.table.times.includes(time) === true;
  }

  /** Starts a fold, or goes on with one that failed. Undefined when there is nothing to fold. */
  startFold(): Folding | undefined {
    if (this.folding !== undefined || this.#buffer === undefined) return this.folding;
    this.folding = {
      table: this.#buffer.toTable(),
      firstJournalId: this.#firstJournalId,
      lastJournalId: this.#lastJournalId,
    };
    this.#buffer = undefined;
    return this.folding;
  }

  /** Everything that is in no block yet. */
  *tables(): Iterable<SampleTable> {
    if (this.folding !== undefined) yield this.folding.table;
    if (this.#buffer !== undefined) yield this.#buffer.toTable();
  }
}
