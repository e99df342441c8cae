import { maxLogEntries, type NodeLogEntry } from "../../protocols/nodes/messages.ts";

/** UTF-16 units of text in a batch: as JSON and UTF-8 it stays well below what a message may have. */
const maxUnits = 160 * 1024;

/** Lines on their way to the core, and what must be remembered when they have arrived. */
export class LogBatch {
  readonly entries: NodeLogEntry[] = [];
  /** Up to where each source is read with these lines. */
  readonly positions = new Map<string, string>();
  /** Those that are nowhere else. */
  readonly events: NodeLogEntry[] = [];
  dropped = 0;
  state: "waiting" | "sent" | "acked" = "waiting";
  #units = 0;

  get isFull(): boolean {
    return this.entries.length >= maxLogEntries || this.#units >= maxUnits;
  }

  get isEmpty(): boolean {
    return this.entries.length === 0 && this.dropped === 0;
  }

  add(entry: NodeLogEntry): void {
    this.entries.push(entry);
    this.#units += entry.message.length + entry.source.length + 64;
  }
}
