import type { Clock } from "../../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../../src-main/base/disposable.ts";
import type { PicketError } from "../../../../src-main/base/errors.ts";
import type {
  Notification,
  NotificationChannel,
} from "../../../../src-main/protocols/machines/messages/notifications.ts";
import type { Watched } from "../../../platform/platform.ts";
import type { Link } from "../../../state/link.svelte.ts";
import { Query } from "../../../state/query.svelte.ts";

/** Sending is not pushed: while somebody looks, it is asked for. */
const pause = 5_000;
const logSize = 100;

/** The notification channels and the newest of what they sent. */
export class ChannelBook implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #channels: Query<readonly NotificationChannel[]>;
  readonly #log: Query<readonly Notification[]>;

  constructor({
    link,
    clock,
    visible,
  }: { readonly link: Link; readonly clock: Clock; readonly visible: Watched<boolean> }) {
    this.#channels = this.#owned.add(
      new Query(link, async (client) => (await client.request("notification-channel-list", {})).channels),
    );
    this.#log = this.#owned.add(
      new Query(link, async (client) => (await client.request("notification-list", { limit: logSize })).notifications),
    );
    this.#owned.add(
      clock.repeat(pause, () => {
        if (visible.value && !this.#channels.loading && !this.#log.loading) void this.reload();
      }),
    );
  }

  /** Undefined: not answered yet. */
  get channels(): readonly NotificationChannel[] | undefined {
    return this.#channels.data;
  }

  /** Newest first; undefined: not answered yet. */
  get log(): readonly Notification[] | undefined {
    return this.#log.data;
  }

  get error(): PicketError | undefined {
    return this.#channels.error ?? this.#log.error;
  }

  /** When a channel tries again, as far as the log tells; undefined: nothing waits. */
  nextTryOf(channelId: string): number | undefined {
    const times = (this.log ?? [])
      .filter((one) => one.channelId === channelId && one.state === "waiting" && one.attempts > 0)
      .flatMap(({ nextAttemptAt }) => nextAttemptAt ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async reload(): Promise<void> {
    await Promise.all([this.#channels.reload(), this.#log.reload()]);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
