import type { ExpressionBuilder } from "kysely";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { Tables } from "../../store/tables.ts";
import { defaultGroup } from "./defaultGroup.ts";
import { formatToken, hashSecret, newPublicId, newSecret, parseToken, secretMatches } from "./secrets.ts";

export interface NewToken {
  readonly name?: string | undefined;
  /** How many different nodes may enrol with it. */
  readonly uses: number;
  /** Milliseconds from now; undefined: never. */
  readonly expiresIn?: number | undefined;
  /** The group its nodes join. */
  readonly group: string;
  readonly createdBy: string;
}

export interface TokenInfo {
  readonly id: string;
  readonly name: string | undefined;
  readonly group: string;
  readonly uses: number;
  readonly used: number;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
}

export interface TokenOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  /** Whether the fixed token of the plain protocol is accepted. The caller checks that the peer is on loopback. */
  readonly allowDefaultToken: boolean;
}

/** A token that may be used now. */
export interface CheckedToken {
  readonly id: string;
  readonly group: string;
}

/** The token that the plain protocol prints in its examples. Off unless the administrator allows it. */
export const defaultToken = { id: "default-token", text: "default-token", group: defaultGroup } as const;

/** Tokens with which nodes enrol. Only a hash of the secret is stored; the id is public. */
export class EnrolmentTokens {
  readonly #options: TokenOptions;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /** Makes a token. Its text is returned here and never again. */
  async create(token: NewToken): Promise<{ readonly info: TokenInfo; readonly token: string }> {
    const { database, bus, clock } = this.#options;
    const id = newPublicId();
    const secret = newSecret();
    const now = clock.wallTime();
    const row = {
      id,
      secret_hash: hashSecret(secret),
      name: token.name ?? null,
      group_name: token.group,
      uses: token.uses,
      created_by: token.createdBy,
      created_at: now,
      expires_at: token.expiresIn === undefined ? null : now + token.expiresIn,
      revoked_at: null,
    };
    await database.transact([database.kysely.insertInto("enrolment_tokens").values(row)]);
    bus.publish("token-changed", { tokenId: id });
    return { info: toInfo({ ...row, used: 0 }), token: formatToken("enrol", id, secret) };
  }

  async list(): Promise<TokenInfo[]> {
    const rows = await this.#select().orderBy("created_at", "desc").execute();
    return rows.map(toInfo);
  }

  /** @throws {PicketError} `TOKEN_NOT_FOUND` */
  async revoke(id: string): Promise<void> {
    const { database, bus, clock } = this.#options;
    const [result] = await database.transact([
      database.kysely
        .updateTable("enrolment_tokens")
        .set({ revoked_at: clock.wallTime() })
        .where("id", "=", id)
        .where("revoked_at", "is", null),
    ]);
    if (result?.changes !== 1) throw new PicketError("TOKEN_NOT_FOUND");
    bus.publish("token-changed", { tokenId: id });
  }

  /**
   * Whether a node may connect with this text: the token is known, in force, and either not used up or this very node
   * used it before. Nothing is used up yet.
   */
  async check(text: string, nodeId: string | undefined): Promise<CheckedToken | undefined> {
    if (text === defaultToken.text) return this.#options.allowDefaultToken ? defaultToken : undefined;
    const parsed = parseToken("enrol", text);
    if (parsed === undefined) return undefined;
    const { clock } = this.#options;
    const row = await this.#select().where("id", "=", parsed.id).executeTakeFirst();
    if (row === undefined || !secretMatches(parsed.secret, row.secret_hash)) return undefined;
    if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= clock.wallTime())) return undefined;
    if (row.used >= row.uses && !(nodeId !== undefined && (await this.hasEnrolled(row.id, nodeId)))) return undefined;
    return { id: row.id, group: row.group_name };
  }

  /**
   * Counts a node's registration against the token, once per node, however many register in the same moment.
   *
   * @throws {PicketError} `INVALID_TOKEN` when another node took the last use meanwhile, or it is not in force any more
   */
  async use(id: string, nodeId: string): Promise<void> {
    if (await this.hasEnrolled(id, nodeId)) return;
    const { database, bus, clock } = this.#options;
    const { kysely } = database;
    if (id === defaultToken.id) {
      const enrolment = { token_id: id, node_id: nodeId, enrolled_at: clock.wallTime() };
      await database.transact([kysely.insertInto("token_enrolments").values(enrolment)]);
      return;
    }
    // One statement: two nodes that take the last use in the same moment cannot both find it free.
    const free = kysely
      .selectFrom("enrolment_tokens")
      .select((expression) => [
        "id as token_id",
        expression.val(nodeId).as("node_id"),
        expression.val(clock.wallTime()).as("enrolled_at"),
      ])
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .where(({ eb, or }) => or([eb("expires_at", "is", null), eb("expires_at", ">", clock.wallTime())]))
      .where((expression) => expression(usedCount(expression), "<", expression.ref("uses")));
    const [counted] = await database.transact([
      kysely.insertInto("token_enrolments").columns(["token_id", "node_id", "enrolled_at"]).expression(free),
    ]);
    if (counted?.changes !== 1) throw new PicketError("INVALID_TOKEN", { details: "the token is no longer in force" });
    bus.publish("token-changed", { tokenId: id });
  }

  #select() {
    return this.#options.database.kysely
      .selectFrom("enrolment_tokens")
      .selectAll()
      .select((expression) => usedCount(expression).as("used"));
  }

  /** Whether this node enrolled with this token before. */
  async hasEnrolled(tokenId: string, nodeId: string): Promise<boolean> {
    const row = await this.#options.database.kysely
      .selectFrom("token_enrolments")
      .select("node_id")
      .where("token_id", "=", tokenId)
      .where("node_id", "=", nodeId)
      .executeTakeFirst();
    return row !== undefined;
  }
}

function usedCount(expression: ExpressionBuilder<Tables, "enrolment_tokens">) {
  return expression
    .selectFrom("token_enrolments")
    .select((count) => count.fn.countAll<number>().as("used"))
    .whereRef("token_enrolments.token_id", "=", "enrolment_tokens.id")
    .$asScalar();
}

interface TokenRow {
  readonly id: string;
  readonly name: string | null;
  readonly group_name: string;
  readonly uses: number;
  readonly used: number;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

function toInfo(row: TokenRow): TokenInfo {
  return {
    id: row.id,
    name: row.name ?? undefined,
    group: row.group_name,
    uses: row.uses,
    used: row.used,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}
