import type { Clock } from "../../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../../src-main/base/disposable.ts";
import type { Alert } from "../../../../src-main/protocols/machines/messages/alerts.ts";
import type { Link } from "../../../state/link.svelte.ts";
import { PagedList } from "../../../state/pagedList.svelte.ts";
import type { HistoryQuery } from "./historyFilter.ts";

/** Alerts that end together are one new list. */
const gatherTime = 500;

/** Alerts that are over and fit a filter. */
export class AlertHistory implements Disposable {
  readonly list: PagedList<Alert>;
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  #query: HistoryQuery = { params: {}, from: undefined };
  #timer: Disposable | undefined;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.list = this.#owned.add(
      new PagedList({
        link,
        ask: (last, limit) => this.#ask(last, limit),
        // A name that no node has, or none that the user may see, fits nothing.
        meansNothing: ({ code }) => code === "NODE_NOT_FOUND",
      }),
    );
    this.#owned.add(
      link.onPush("alert-changed", ({ alert }) => {
        // Who has gone back further does not want to be taken to the newest again.
        if (alert.state !== "resolved" || this.list.isDeep) return;
        this.#timer ??= clock.schedule(gatherTime, () => {
          this.#timer = undefined;
          void this.list.reload();
        });
      }),
    );
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  /** Shows what fits another filter. */
  show(query: HistoryQuery): void {
    this.#query = query;
    void this.list.reload();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #ask(last: Alert | undefined, limit: number): Promise<readonly Alert[]> {
    const { params, from } = this.#query;
    const { alerts } = await this.#link.request("alert-list", {
      ...params,
      state: "resolved",
      limit,
      ...(last === undefined ? {} : { before: last.startedAt, beforeId: last.alertId }),
    });
    return from === undefined ? alerts : alerts.filter(({ startedAt }) => startedAt >= from);
  }
}
