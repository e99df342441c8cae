import type { SeededRandom } from "../support/seededRandom.ts";

/** What a hostile peer sends: messages that were right once, and frames that never were. */
export class Garbage {
  readonly #random: SeededRandom;
  readonly #templates: readonly string[];

  /** @param templates correct messages of the protocol, as text */
  constructor(random: SeededRandom, templates: readonly string[]) {
    this.#random = random;
    this.#templates = templates;
  }

  next(): string | Buffer {
    const choice = this.#random.next();
    if (choice < 0.25) return this.#random.pick(this.#templates);
    if (choice < 0.55) return this.#mutated(this.#random.pick(this.#templates));
    if (choice < 0.75) return this.#twisted();
    if (choice < 0.95) return this.#frame();
    return this.#noise();
  }

  /** A message with some characters changed, taken out or doubled. */
  #mutated(text: string): string {
    let result = text;
    for (let change = this.#random.below(4); change >= 0; change -= 1) {
      const at = this.#random.below(result.length);
      const kind = this.#random.below(4);
      if (kind === 0) result = result.slice(0, at);
      else if (kind === 1) result = `${result.slice(0, at)}${this.#character()}${result.slice(at + 1)}`;
      else if (kind === 2) result = `${result.slice(0, at)}${result.slice(at, at + 20)}${result.slice(at)}`;
      else result = `${result.slice(0, at)}${result.slice(at + 1 + this.#random.below(8))}`;
    }
    return result;
  }

  /** Correct JSON whose values are not what they should be. */
  #twisted(): string {
    const message = JSON.parse(this.#random.pick(this.#templates)) as Record<string, unknown>;
    const data = { ...(message["data"] as Record<string, unknown>) };
    const target = this.#random.next() < 0.7 ? data : message;
    const keys = Object.keys(target);
    const key = this.#random.next() < 0.9 ? this.#random.pick(keys) : "__proto__";
    Object.defineProperty(target, key, { value: this.#value(3), enumerable: true, configurable: true });
    return JSON.stringify(target === data ? { ...message, data } : message);
  }

  #value(depth: number): unknown {
    const values: readonly (() => unknown)[] = [
      () => null,
      () => -1,
      () => 1e308,
      () => 0.1 + this.#random.below(100),
      () => "",
      () => "x".repeat(this.#random.below(5_000)),
      () => "\u0000\ud800../../etc/passwd%00",
      () => true,
      () => (depth === 0 ? [] : Array.from({ length: this.#random.below(20) }, () => this.#value(depth - 1))),
      () => (depth === 0 ? {} : { constructor: this.#value(depth - 1), data: this.#value(depth - 1) }),
    ];
    return this.#random.pick(values)();
  }

  /** A binary frame of channels, more or less. */
  #frame(): Buffer {
    const frame = Buffer.alloc(5 + this.#random.below(this.#random.next() < 0.05 ? 70_000 : 64));
    for (let at = 0; at < frame.length; at += 1) frame[at] = this.#random.below(256);
    frame[0] = this.#random.below(6);
    frame.writeUInt32BE(this.#random.next() < 0.8 ? this.#random.below(8) : this.#random.below(0xffffffff), 1);
    return frame;
  }

  #noise(): string | Buffer {
    const length = this.#random.next() < 0.02 ? 1_100_000 : this.#random.below(2_000);
    if (this.#random.next() < 0.5) return Buffer.alloc(length, this.#random.below(256));
    return "[".repeat(length);
  }

  #character(): string {
    return this.#random.pick(['"', "{", "}", "[", "]", ":", ",", "\\", "\u0000", "é", "9", "-", "e", "\n"]);
  }
}
