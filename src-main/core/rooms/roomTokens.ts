import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { RoomTokensTable } from "../../store/tables.ts";
import { formatToken, hashSecret, newPublicId, newSecret, parseToken, secretMatches } from "../identity/secrets.ts";

export interface NewRoom {
  readonly name?: string | undefined;
  /** How many clients may be in it at once; undefined: any number. */
  readonly maxClients?: number | undefined;
  /** Milliseconds from now; undefined: never. */
  readonly expiresIn?: number | undefined;
  readonly createdBy: string;
}

/** A room as its token makes it, whether somebody is in it or not. */
export interface RoomInfo {
  readonly id: string;
  readonly name: string | undefined;
  readonly maxClients: number | undefined;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
}

export interface RoomTokensOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
}

/** The tokens that name rooms. Only a hash of the secret is stored; the id is public. */
export class RoomTokens {
  readonly #options: RoomTokensOptions;

  constructor(options: RoomTokensOptions) {
    this.#options = options;
  }

  /** Makes a room. The text of its token is returned here and never again. */
  async create(room: NewRoom): Promise<{ readonly info: RoomInfo; readonly token: string }> {
    const { database, bus, clock } = this.#options;
    const id = newPublicId();
    const secret = newSecret();
    const now = clock.wallTime();
    const row: RoomTokensTable = {
      id,
      secret_hash: hashSecret(secret),
      name: room.name ?? null,
      max_clients: room.maxClients ?? null,
      created_by: room.createdBy,
      created_at: now,
      expires_at: room.expiresIn === undefined ? null : now + room.expiresIn,
      revoked_at: null,
    };
    await database.transact([database.kysely.insertInto("room_tokens").values(row)]);
    bus.publish("room-changed", { roomId: id });
    return { info: toInfo(row), token: formatToken("room", id, secret) };
  }

  /** Every room that was ever made, the newest first. */
  async list(): Promise<RoomInfo[]> {
    const { kysely } = this.#options.database;
    const rows = await kysely.selectFrom("room_tokens").selectAll().orderBy("created_at", "desc").execute();
    return rows.map(toInfo);
  }

  /** @throws {PicketError} `ROOM_NOT_FOUND`, also when it was revoked before */
  async revoke(id: string): Promise<void> {
    const { database, bus, clock } = this.#options;
    const [result] = await database.transact([
      database.kysely
        .updateTable("room_tokens")
        .set({ revoked_at: clock.wallTime() })
        .where("id", "=", id)
        .where("revoked_at", "is", null),
    ]);
    if (result?.changes !== 1) throw new PicketError("ROOM_NOT_FOUND");
    bus.publish("room-revoked", { roomId: id });
    bus.publish("room-changed", { roomId: id });
  }

  /** The room that this token names; undefined when it is not known or not in force. */
  async check(text: string): Promise<RoomInfo | undefined> {
    const parsed = parseToken("room", text);
    if (parsed === undefined) return undefined;
    const { database, clock } = this.#options;
    const row = await database.kysely
      .selectFrom("room_tokens")
      .selectAll()
      .where("id", "=", parsed.id)
      .executeTakeFirst();
    if (row === undefined || !secretMatches(parsed.secret, row.secret_hash)) return undefined;
    if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= clock.wallTime())) return undefined;
    return toInfo(row);
  }
}

function toInfo(row: RoomTokensTable): RoomInfo {
  return {
    id: row.id,
    name: row.name ?? undefined,
    maxClients: row.max_clients ?? undefined,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}
