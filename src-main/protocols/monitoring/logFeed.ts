import type { Disposable } from "../../base/disposable.ts";
import type { StoredLogEntry } from "../../core/logs/logEntry.ts";
import type { Feed } from "./dashboardSession.ts";
import type { FeedOptions } from "./metricFeed.ts";
import { viewLogEntry } from "./views.ts";

const firstEntries = 100;
/** Characters that wait for a dashboard; what comes beyond them is left out. The first entries have room in it. */
const maxWaiting = 2 * 1024 * 1024;

/** The log of one server: the last entries at once, then each as it is stored. */
export class LogFeed implements Feed {
  readonly #options: FeedOptions;
  #subscription: Disposable | undefined;
  #waiting: StoredLogEntry[] = [];
  #waitingLength = 0;
  /** The first entries were read: from here on what waits is sent. */
  #started = false;
  #left = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { core, node } = this.#options;
    this.#subscription = core.logs.onStored(({ nodeKey, entries }) => {
      if (nodeKey === node.key) this.#add(entries);
    });
    const latest = [...(await core.logs.latest(node.key, firstEntries))].sort(byPlace);
    const shown = new Set(latest.map(({ id }) => id));
    const meanwhile = this.#waiting.filter(({ id }) => !shown.has(id));
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#started = true;
    this.#add([...latest, ...meanwhile]);
  }

  /** The dashboard has read what there was: it gets what waits, and is told what it missed. */
  drained(): void {
    this.#pump();
  }

  dispose(): void {
    this.#subscription?.dispose();
    this.#waiting = [];
  }

  #add(entries: readonly StoredLogEntry[]): void {
    for (const entry of entries) {
      if (this.#waitingLength > maxWaiting) {
        this.#left += 1;
        continue;
      }
      this.#waiting.push(entry);
      this.#waitingLength += entry.message.length;
    }
    if (this.#started) this.#pump();
  }

  #pump(): void {
    const { outlet } = this.#options;
    let sent = 0;
    while (sent < this.#waiting.length && outlet.hasRoom) {
      const entry = this.#waiting[sent];
      sent += 1;
      if (entry === undefined) continue;
      this.#waitingLength -= entry.message.length;
      outlet.send({ type: "log", data: viewLogEntry(entry) });
    }
    this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length > 0) {
      outlet.notifyDrained();
    } else if (this.#left > 0) {
      outlet.send({ type: "error", message: `${this.#left} log entries were left out: read faster` });
      this.#left = 0;
    }
  }
}

function byPlace(one: StoredLogEntry, other: StoredLogEntry): number {
  return one.id - other.id;
}
