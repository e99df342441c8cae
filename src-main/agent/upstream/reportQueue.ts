/** A report that may still have to be sent. */
interface Queued<T> {
  readonly report: T;
  /** When it was measured, milliseconds since 1970. */
  readonly time: number;
  /** On the monotonic clock; undefined: not sent yet. */
  sentAt: number | undefined;
}

const keepFor = 15 * 60_000;
/** A link that is cut without a word is noticed after so long: what was sent into it meanwhile may be lost. */
const doubtFor = 40_000;

/** The reports for a server that acks nothing: the last 15 minutes of what it was not sent, oldest first. */
export class ReportQueue<T> {
  #queued: Queued<T>[] = [];

  add(report: T, time: number): void {
    this.#queued.push({ report, time, sentAt: undefined });
    this.#queued = this.#queued.filter((one) => one.time > time - keepFor);
  }

  /** What is to be sent now, oldest first. @param now monotonic */
  take(now: number): T[] {
    this.#queued = this.#queued.filter(({ sentAt }) => sentAt === undefined || sentAt > now - doubtFor);
    const unsent = this.#queued.filter(({ sentAt }) => sentAt === undefined);
    for (const one of unsent) one.sentAt = now;
    return unsent.map(({ report }) => report);
  }

  /** The link was cut without a word: what was sent last may not have arrived and is sent again. @param now monotonic */
  cut(now: number): void {
    for (const one of this.#queued) {
      if (one.sentAt !== undefined && one.sentAt > now - doubtFor) one.sentAt = undefined;
    }
  }
}
