import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Database } from "../../store/database.ts";
import type { NotificationChannelsTable } from "../../store/tables.ts";
import type { SecretBox } from "../identity/secretBox.ts";
import type { ChannelSecrets, EmailSettings, NotificationChannel } from "./notificationChannel.ts";

export interface StoredChannel {
  readonly channel: NotificationChannel;
  /** How many notifications it lost because too many waited. */
  readonly dropped: number;
}

/** The rows of the channels; their secrets are sealed. */
export class ChannelTable {
  readonly #database: Database;
  readonly #box: SecretBox;
  readonly #logger: Logger;

  constructor(database: Database, box: SecretBox, logger: Logger) {
    this.#database = database;
    this.#box = box;
    this.#logger = logger;
  }

  async list(): Promise<readonly StoredChannel[]> {
    const select = this.#database.kysely.selectFrom("notification_channels").selectAll().orderBy("created_at");
    return (await select.execute()).map((row) => ({ channel: this.#toChannel(row), dropped: row.dropped }));
  }

  async save(channel: NotificationChannel, now: number): Promise<void> {
    const { id, kind, name, enabled, language, email, secrets } = channel;
    const values = {
      kind,
      name,
      enabled: enabled ? 1 : 0,
      language,
      email_json: email === undefined ? null : JSON.stringify(email),
      secrets: this.#box.seal(id, JSON.stringify(secrets)),
    };
    await this.#database.transact([
      this.#database.kysely
        .insertInto("notification_channels")
        .values({ id, ...values, dropped: 0, created_at: now })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(values)),
    ]);
  }

  async remove(id: string): Promise<void> {
    const { kysely } = this.#database;
    await this.#database.transact([
      kysely.deleteFrom("notification_channels").where("id", "=", id),
      kysely
        .updateTable("notifications")
        .set({ state: "dropped", next_attempt_at: null })
        .where("channel_id", "=", id)
        .where("state", "=", "waiting"),
    ]);
  }

  #toChannel(row: NotificationChannelsTable): NotificationChannel {
    return {
      id: row.id,
      kind: row.kind as NotificationChannel["kind"],
      name: row.name,
      enabled: row.enabled === 1,
      language: row.language as NotificationChannel["language"],
      email: row.email_json === null ? undefined : (JSON.parse(row.email_json) as EmailSettings),
      secrets: this.#unseal(row),
    };
  }

  /** A lost key file must not keep the core from starting: the channel has no secrets then, and says so when it fails. */
  #unseal({ id, secrets }: NotificationChannelsTable): ChannelSecrets {
    try {
      return JSON.parse(this.#box.unseal(id, secrets)) as ChannelSecrets;
    } catch (error) {
      this.#logger.error("the secrets of a channel are lost: set them again", {
        channel: id,
        error: describeError(error),
      });
      return {};
    }
  }
}
