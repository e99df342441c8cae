import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { fail, type Result } from "../../base/result.ts";
import type { Database } from "../../store/database.ts";
import { SecretBox } from "../identity/secretBox.ts";
import { ChannelQueue } from "./channelQueue.ts";
import { ChannelTable } from "./channelTable.ts";
import { deliver } from "./deliver.ts";
import {
  type ChannelSettings,
  checkChannel,
  consoleChannel,
  type NotificationChannel,
  type SecretName,
  secretNames,
} from "./notificationChannel.ts";
import type { NotificationContent } from "./notificationContent.ts";
import { type NotificationQuery, type NotificationRecord, NotificationTable } from "./notificationTable.ts";
import { notificationText } from "./notificationText.ts";

export interface NotificationsOptions {
  /** The core's folder: the key that seals the secrets lies in it. */
  readonly folder: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A secret to set, null to take it away; one that is left out stays as it is. */
export type SecretChange = Readonly<Partial<Record<SecretName, string | null | undefined>>>;

export interface ChannelState {
  readonly channel: NotificationChannel;
  readonly waiting: number;
  readonly dropped: number;
  readonly lastSentAt: number | undefined;
  readonly lastFailure: { readonly time: number; readonly message: string } | undefined;
}

interface Kept {
  channel: NotificationChannel;
  readonly queue: ChannelQueue;
  dropped: number;
  lastSentAt: number | undefined;
  lastFailure: ChannelState["lastFailure"];
}

const mostChannels = 100;
const keepFor = 30 * 24 * 3_600_000;
const pruneEvery = 6 * 3_600_000;

/** Tells people, over channels that an administrator has set up. What is on its way outlives a restart. */
export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #channels: ChannelTable;
  readonly #table: NotificationTable;
  readonly #kept = new Map<string, Kept>();
  readonly #stopped = new AbortController();
  readonly #pruning: Disposable;
  /** Rows that are being written. */
  readonly #writing = new Set<Promise<void>>();

  private constructor(options: NotificationsOptions, channels: ChannelTable) {
    this.#options = options;
    this.#channels = channels;
    this.#table = new NotificationTable(options.database);
    this.#pruning = options.clock.repeat(pruneEvery, () => {
      this.#write(this.#table.removeOlderThan(options.clock.wallTime() - keepFor));
    });
  }

  /** Opens the channels and goes on with what waits. @throws {PicketError} `DATABASE_ERROR` */
  static async open(options: NotificationsOptions): Promise<Notifications> {
    const box = SecretBox.open(join(options.folder, "notification-key"));
    const table = new ChannelTable(options.database, box, options.logger);
    const stored = await table.list();
    const notifications = new Notifications(options, table);
    const lastSent = await notifications.#table.lastSent();
    for (const { channel, dropped } of [{ channel: consoleChannel, dropped: 0 }, ...stored]) {
      notifications.#keep(channel, { dropped, lastSentAt: lastSent.get(channel.id) });
    }
    const now = options.clock.wallTime();
    for (const { id, channelId, attempts, nextAttemptAt = now, content } of await notifications.#table.waiting()) {
      // Whoever set the clock back makes nobody wait longer than the longest wait.
      const delay = Math.min(Math.max(0, nextAttemptAt - now), 3_600_000);
      notifications.#kept.get(channelId)?.queue.add({ id, content, attempts }, delay);
    }
    return notifications;
  }

  channels(): readonly ChannelState[] {
    return [...this.#kept.values()].map(toState);
  }

  /**
   * Without an id a new channel.
   *
   * @throws {PicketError} `NOTIFICATION_CHANNEL_NOT_FOUND`, `INVALID_PARAMS`, `CONFLICT`, `DATABASE_ERROR`
   */
  async saveChannel(id: string | undefined, settings: ChannelSettings, change: SecretChange): Promise<ChannelState> {
    const known = id === undefined ? undefined : this.#require(id);
    if (known === undefined && this.#kept.size > mostChannels) {
      throw new PicketError("CONFLICT", { details: `there are ${mostChannels} channels already` });
    }
    const secrets: Partial<Record<SecretName, string>> = {};
    for (const name of secretNames) {
      const kept = known?.channel.kind === settings.kind ? known.channel.secrets[name] : undefined;
      const value = change[name] === undefined ? kept : (change[name] ?? undefined);
      if (value !== undefined) secrets[name] = value;
    }
    if (change.password === undefined && secrets.password !== undefined && sendsElsewhere(known?.channel, settings)) {
      // Whoever may change the server must not learn the password of the former one by it.
      throw new PicketError("INVALID_PARAMS", { details: "secrets.password: to be given again for another server" });
    }
    const { kind, name, enabled, language, email } = settings;
    const channel = { id: id ?? randomUUID(), kind, name, enabled, language, email, secrets };
    checkChannel(channel);
    await this.#channels.save(channel, this.#options.clock.wallTime());
    if (known === undefined) return toState(this.#keep(channel, { dropped: 0, lastSentAt: undefined }));
    known.channel = channel;
    return toState(known);
  }

  /** What waits for it is dropped. @throws {PicketError} `NOTIFICATION_CHANNEL_NOT_FOUND`, `DATABASE_ERROR` */
  async removeChannel(id: string): Promise<void> {
    const known = this.#require(id);
    await this.#channels.remove(id);
    this.#kept.delete(id);
    await known.queue.close();
  }

  /** Sends a test now. Either way: what the channel's server said. @throws {PicketError} `NOTIFICATION_CHANNEL_NOT_FOUND` */
  async test(id: string): Promise<Result<string, string>> {
    const { channel } = this.#require(id);
    const text =
      channel.language === "zh"
        ? { title: "Picket 测试通知", body: "这个通知渠道可以使用。" }
        : { title: "Picket: a test", body: "This notification channel works." };
    const { clock } = this.#options;
    const common = { clock, channel, text, content: undefined, notificationId: randomUUID() };
    return deliver({ ...common, signal: this.#stopped.signal });
  }

  /** Tells channels, each on its own; those that are off or gone are left out. */
  notify(content: NotificationContent, channelIds: readonly string[]): void {
    const kept = channelIds.map((id) => this.#kept.get(id)).filter((one) => one?.channel.enabled === true);
    const now = this.#options.clock.wallTime();
    const records = kept.flatMap((one): NotificationRecord[] => {
      if (one === undefined) return [];
      const { id: channelId, language } = one.channel;
      const isConsole = channelId === consoleChannel.id;
      if (isConsole) one.lastSentAt = now;
      return [
        {
          id: randomUUID(),
          channelId,
          incidentId: content.kind === "summary" ? "" : (content.incidents[0]?.incidentId ?? ""),
          kind: content.kind,
          // Consoles see the alert itself.
          state: isConsole ? "sent" : "waiting",
          title: notificationText(content, language).title,
          attempts: 0,
          createdAt: now,
          nextAttemptAt: isConsole ? undefined : now,
          sentAt: isConsole ? now : undefined,
          error: undefined,
        },
      ];
    });
    this.#write(this.#enqueue(records, content));
  }

  list(query: NotificationQuery): Promise<readonly NotificationRecord[]> {
    return this.#table.list(query);
  }

  /** Ends what is under way; what waits is tried again after the next start. */
  async close(): Promise<void> {
    this.#pruning.dispose();
    this.#stopped.abort(new Error("the core is stopping"));
    await Promise.all([...this.#kept.values()].map(({ queue }) => queue.close()));
    await Promise.all(this.#writing);
  }

  /** Written first, sent then; what cannot be written is sent all the same. */
  async #enqueue(records: readonly NotificationRecord[], content: NotificationContent): Promise<void> {
    try {
      if (records.length > 0) await this.#table.insert(records, content);
    } finally {
      for (const { id, channelId, state } of records) {
        if (state === "waiting") this.#kept.get(channelId)?.queue.add({ id, content, attempts: 0 });
      }
    }
  }

  #keep(channel: NotificationChannel, past: Pick<Kept, "dropped" | "lastSentAt">): Kept {
    const kept: Kept = { channel, ...past, lastFailure: undefined, queue: this.#queueFor(channel.id) };
    this.#kept.set(channel.id, kept);
    return kept;
  }

  #queueFor(channelId: string): ChannelQueue {
    const { clock } = this.#options;
    return new ChannelQueue({
      clock,
      deliver: async ({ id, content }, signal) => {
        const channel = this.#kept.get(channelId)?.channel;
        return channel === undefined
          ? fail("removed")
          : deliver({ clock, channel, content, notificationId: id, signal });
      },
      onSent: ({ id, attempts }) => {
        const now = clock.wallTime();
        const kept = this.#kept.get(channelId);
        if (kept !== undefined) kept.lastSentAt = now;
        this.#write(this.#table.update(id, { state: "sent", attempts, sent_at: now, next_attempt_at: null }));
      },
      onFailed: ({ id, attempts }, error, retryIn) => {
        const now = clock.wallTime();
        const kept = this.#kept.get(channelId);
        if (kept !== undefined) kept.lastFailure = { time: now, message: error };
        this.#options.logger.warn("a notification was not delivered", { channel: channelId, attempts, error });
        const next = retryIn === undefined ? null : now + retryIn;
        const state = retryIn === undefined ? "failed" : "waiting";
        this.#write(this.#table.update(id, { state, attempts, error, next_attempt_at: next }));
      },
      onDropped: ({ id }) => {
        const kept = this.#kept.get(channelId);
        if (kept !== undefined) kept.dropped += 1;
        this.#options.logger.warn("a notification was dropped: too many wait", { channel: channelId });
        this.#write(this.#table.drop(id, channelId));
      },
    });
  }

  #require(id: string): Kept {
    const known = this.#kept.get(id);
    if (known === undefined) throw new PicketError("NOTIFICATION_CHANNEL_NOT_FOUND");
    return known;
  }

  #write(written: Promise<void>): void {
    const done = written
      .catch((error: unknown) => {
        this.#options.logger.error("a notification could not be stored", { error: describeError(error) });
      })
      .finally(() => this.#writing.delete(done));
    this.#writing.add(done);
  }
}

function sendsElsewhere(known: NotificationChannel | undefined, { email }: ChannelSettings): boolean {
  const former = known?.email;
  if (former === undefined || email === undefined) return false;
  return former.host !== email.host || former.port !== email.port || former.security !== email.security;
}

function toState({ channel, queue, dropped, lastSentAt, lastFailure }: Kept): ChannelState {
  return { channel, waiting: queue.size, dropped, lastSentAt, lastFailure };
}
