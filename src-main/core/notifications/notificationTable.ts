import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import type { NotificationsTable } from "../../store/tables.ts";
import type { NotificationContent, NotificationKind } from "./notificationContent.ts";

export const notificationStates = ["waiting", "sent", "failed", "dropped"] as const;
export type NotificationState = (typeof notificationStates)[number];

/** One notification of one channel. Times are milliseconds since 1970. */
export interface NotificationRecord {
  readonly id: string;
  readonly channelId: string;
  /** Empty for a summary. */
  readonly incidentId: string;
  readonly kind: NotificationKind;
  readonly state: NotificationState;
  readonly title: string;
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAttemptAt: number | undefined;
  readonly sentAt: number | undefined;
  /** Why the last try failed, in the server's words. */
  readonly error: string | undefined;
}

export interface NotificationQuery {
  readonly channelId?: string | undefined;
  readonly state?: NotificationState | undefined;
  readonly before?: number | undefined;
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

export interface WaitingNotification {
  readonly id: string;
  readonly channelId: string;
  readonly attempts: number;
  readonly nextAttemptAt: number | undefined;
  readonly content: NotificationContent;
}

/** The rows of what channels were told. */
export class NotificationTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(records: readonly NotificationRecord[], content: NotificationContent): Promise<void> {
    const { kysely } = this.#database;
    const json = JSON.stringify(content);
    await this.#database.transact(
      records.map((record) => kysely.insertInto("notifications").values({ ...toRow(record), content_json: json })),
    );
  }

  async update(id: string, change: Partial<Omit<NotificationsTable, "id">>): Promise<void> {
    const { kysely } = this.#database;
    await this.#database.transact([kysely.updateTable("notifications").set(change).where("id", "=", id)]);
  }

  /** One that made room, and its channel's count of them. */
  async drop(id: string, channelId: string): Promise<void> {
    const { kysely } = this.#database;
    await this.#database.transact([
      kysely.updateTable("notifications").set({ state: "dropped", next_attempt_at: null }).where("id", "=", id),
      kysely
        .updateTable("notification_channels")
        .set((expression) => ({ dropped: expression("dropped", "+", 1) }))
        .where("id", "=", channelId),
    ]);
  }

  /** What was still on its way when the core stopped, oldest first. */
  async waiting(): Promise<readonly WaitingNotification[]> {
    const select = this.#database.kysely.selectFrom("notifications").selectAll().where("state", "=", "waiting");
    const rows = await select.orderBy("created_at").execute();
    return rows.map((row) => ({
      id: row.id,
      channelId: row.channel_id,
      attempts: row.attempts,
      nextAttemptAt: row.next_attempt_at ?? undefined,
      content: JSON.parse(row.content_json) as NotificationContent,
    }));
  }

  /** When each channel was told something last. */
  async lastSent(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.kysely
      .selectFrom("notifications")
      .select(["channel_id", (expression) => expression.fn.max("sent_at").as("at")])
      .where("sent_at", "is not", null)
      .groupBy("channel_id")
      .execute();
    return new Map(rows.flatMap(({ channel_id: id, at }) => (at === null ? [] : [[id, at] as const])));
  }

  /** Newest first. */
  async list({ channelId, state, before, beforeId = "", limit }: NotificationQuery): Promise<NotificationRecord[]> {
    const { kysely } = this.#database;
    let select = kysely.selectFrom("notifications").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
    if (channelId !== undefined) select = select.where("channel_id", "=", channelId);
    if (state !== undefined) select = select.where("state", "=", state);
    if (before !== undefined) select = select.where(sql<boolean>`(created_at, id) < (${before}, ${beforeId})`);
    return (await select.limit(limit).execute()).map(toRecord);
  }

  async removeOlderThan(time: number): Promise<void> {
    const { kysely } = this.#database;
    await this.#database.transact([
      kysely.deleteFrom("notifications").where("created_at", "<", time).where("state", "!=", "waiting"),
    ]);
  }
}

function toRow(record: NotificationRecord): Omit<NotificationsTable, "content_json"> {
  return {
    id: record.id,
    channel_id: record.channelId,
    incident_id: record.incidentId,
    kind: record.kind,
    state: record.state,
    title: record.title,
    attempts: record.attempts,
    created_at: record.createdAt,
    next_attempt_at: record.nextAttemptAt ?? null,
    sent_at: record.sentAt ?? null,
    error: record.error ?? null,
  };
}

function toRecord(row: NotificationsTable): NotificationRecord {
  return {
    id: row.id,
    channelId: row.channel_id,
    incidentId: row.incident_id,
    kind: row.kind as NotificationKind,
    state: row.state as NotificationState,
    title: row.title,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at ?? undefined,
    sentAt: row.sent_at ?? undefined,
    error: row.error ?? undefined,
  };
}
