import type { Clock } from "../../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../../src-main/base/errors.ts";
import type { Alert } from "../../../../src-main/protocols/machines/messages/alerts.ts";
import type { Link } from "../../../state/link.svelte.ts";
import type { HistoryQuery } from "./historyFilter.ts";

const pageSize = 100;
/** Alerts that end together are one new list. */
const gatherTime = 500;

/** Alerts that are over and fit a filter, newest first, a page at a time. */
export class AlertHistory implements Disposable {
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  #query: HistoryQuery = { params: {}, from: undefined };
  #generation = 0;
  #timer: Disposable | undefined;
  #alerts = $state.raw<readonly Alert[]>([]);
  #more = $state(false);
  #loaded = $state(false);
  #loading = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#owned.add(link.onReady(() => void this.#load(undefined)));
    this.#owned.add(
      link.onPush("alert-changed", ({ alert }) => {
        // Who has gone back further does not want to be taken to the newest again.
        if (alert.state !== "resolved" || this.#alerts.length > pageSize) return;
        this.#timer ??= clock.schedule(gatherTime, () => {
          this.#timer = undefined;
          void this.#load(undefined);
        });
      }),
    );
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  get alerts(): readonly Alert[] {
    return this.#alerts;
  }

  /** There are older ones. */
  get more(): boolean {
    return this.#more;
  }

  /** An answer was there at least once. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get loading(): boolean {
    return this.#loading;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** Shows what fits another filter. */
  show(query: HistoryQuery): void {
    this.#query = query;
    void this.#load(undefined);
  }

  /** The next page of older ones. */
  async loadMore(): Promise<void> {
    const last = this.#alerts.at(-1);
    if (last !== undefined && !this.#loading) await this.#load(last);
  }

  dispose(): void {
    this.#generation += 1;
    this.#owned.dispose();
  }

  async #load(last: Alert | undefined): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const { params, from } = this.#query;
    this.#loading = true;
    try {
      const { alerts } = await this.#link.request("alert-list", {
        ...params,
        state: "resolved",
        limit: pageSize,
        ...(last === undefined ? {} : { before: last.startedAt, beforeId: last.alertId }),
      });
      if (generation !== this.#generation) return;
      const wanted = from === undefined ? alerts : alerts.filter(({ startedAt }) => startedAt >= from);
      this.#alerts = last === undefined ? wanted : [...this.#alerts, ...wanted];
      this.#more = wanted.length === pageSize;
      this.#loaded = true;
      this.#error = undefined;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      const error = toPicketError(thrown);
      if (error.code === "NODE_NOT_FOUND") {
        // A name that no node has, or none that the user may see, fits nothing.
        this.#alerts = [];
        this.#more = false;
        this.#error = undefined;
      } else if (error.code !== "PEER_LOST") {
        // A lost link is no fault of the history: the banner tells it for all.
        this.#error = error;
      }
    }
    this.#loading = false;
  }
}
