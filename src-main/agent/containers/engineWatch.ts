import type { Readable } from "node:stream";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, toPicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { parseJson } from "../../base/parseJson.ts";
import type { ContainerList, ContainerWatcher } from "./containerEngine.ts";
import { readContainerEvent } from "./engineMessages.ts";
import { LineSplitter } from "./lineSplitter.ts";

export interface EngineWatchOptions extends ContainerWatcher {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly list: () => Promise<ContainerList>;
  /** Opens the engine's events. Not called without an engine. */
  readonly openEvents: () => Promise<Readable>;
  readonly isThere: () => boolean;
}

/** The list is read at most this often, however much happens. */
const gatherTime = 1_000;
/** Without an engine this often is looked whether there is one now; with one, whether an event was missed. */
const lookEvery = 5_000;
const refreshEvery = 60_000;
/** What is told of without a wait: who is woken at night wants to know why. */
const toldEvents = new Set(["start", "stop", "die", "oom", "kill", "restart", "pause", "unpause", "destroy", "remove"]);

/** Keeps the list of containers live by the engine's events, while the engine comes and goes. */
export class EngineWatch implements Disposable {
  readonly #options: EngineWatchOptions;
  #events: Readable | undefined;
  #timer: Disposable | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing = false;
  #dirty = false;
  #opening = false;
  #disposed = false;
  #told = "";
  #latest: ContainerList | undefined;

  constructor(options: EngineWatchOptions) {
    this.#options = options;
    void this.#look();
  }

  /** What was told last. */
  get latest(): ContainerList | undefined {
    return this.#latest;
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
    this.#events?.destroy();
  }

  /** Follows the events when there is an engine, and looks at the list. */
  async #look(): Promise<void> {
    const { isThere, logger } = this.#options;
    if (isThere() && this.#events === undefined && !this.#opening) {
      this.#opening = true;
      try {
        await this.#follow();
      } catch (error) {
        logger.debug("the events of the container engine cannot be read", { error: describeError(error) });
      }
      this.#opening = false;
    }
    await this.#refresh();
  }

  async #follow(): Promise<void> {
    const events = await this.#options.openEvents();
    if (this.#disposed) {
      events.destroy();
      return;
    }
    this.#events = events;
    const lines = new LineSplitter((line) => this.#onEvent(line));
    const gone = (): void => {
      if (this.#events !== events) return;
      this.#events = undefined;
      if (!this.#disposed) this.#soon();
    };
    events.on("data", (bytes: Uint8Array) => lines.feed(bytes));
    events.on("end", gone);
    events.on("close", gone);
    events.on("error", gone);
  }

  #onEvent(line: string): void {
    const parsed = parseJson(line);
    const event = parsed.ok ? readContainerEvent(parsed.value) : undefined;
    if (event === undefined || this.#disposed) return;
    if (toldEvents.has(event.event)) this.#options.happened(event);
    this.#soon();
  }

  /** Reads the list again, but not more often than it may be. */
  #soon(): void {
    this.#dirty = true;
    if (!this.#refreshing) this.#arm();
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#timer?.dispose();
    if (this.#disposed) return;
    const since = clock.monotonicTime() - this.#refreshedAt;
    const delay = this.#dirty ? Math.max(0, gatherTime - since) : this.#events === undefined ? lookEvery : refreshEvery;
    this.#timer = clock.schedule(delay, () => void this.#look());
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing || this.#disposed) return;
    this.#refreshing = true;
    this.#dirty = false;
    this.#refreshedAt = this.#options.clock.monotonicTime();
    const { list, logger } = this.#options;
    try {
      this.#tell(await list());
    } catch (error) {
      if (toPicketError(error).code === "CONTAINER_ENGINE_MISSING") this.#tell({ engine: null, containers: [] });
      logger.debug("the containers cannot be listed", { error: describeError(error) });
    }
    this.#refreshing = false;
    this.#arm();
  }

  #tell(list: ContainerList): void {
    const text = JSON.stringify(list);
    if (this.#disposed || text === this.#told) return;
    this.#told = text;
    this.#latest = list;
    this.#options.changed(list);
  }
}
