import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import { formatToken, hashSecret, newPublicId, newSecret, parseToken, secretMatches } from "./secrets.ts";

export interface ApiKeysOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly nodes: NodeRegistry;
}

/** Which server a new key is for: a new one, or a node that is known and comes in otherwise so far. */
export type ServerOfKey = { readonly name: string; readonly group: string } | { readonly node: NodeRecord };

export interface ApiKeyInfo {
  readonly id: string;
  readonly node: NodeRecord;
  readonly createdBy: string;
  readonly createdAt: number;
  /** When a server last came in with it. */
  readonly lastUsedAt: number | undefined;
  readonly revokedAt: number | undefined;
}

/** A key that is in force, and whose it is. */
export interface CheckedApiKey {
  readonly id: string;
  readonly nodeId: string;
}

/** What a key starts with: `pkt_api_…`. */
const kind = "api";

/**
 * The keys with which servers of the monitoring protocol come in: one in force for each server. Only a hash of the secret
 * is stored; the id is public. A node that is removed takes its keys with it.
 */
export class ApiKeys {
  readonly #options: ApiKeysOptions;

  constructor(options: ApiKeysOptions) {
    this.#options = options;
  }

  /**
   * Makes a key, and the server when it is a new one. The key's text is returned here and never again.
   *
   * @throws {PicketError} `CONFLICT` when the node has a key in force, or proves who it is by a key pair of its own
   */
  async create(
    server: ServerOfKey,
    createdBy: string,
  ): Promise<{ readonly info: ApiKeyInfo; readonly apiKey: string }> {
    const { database, clock, nodes } = this.#options;
    if ("node" in server) await this.#requireFree(server.node);
    const node = "node" in server ? server.node : await this.#newServer(server);
    const id = newPublicId();
    const secret = newSecret();
    const row = {
      id,
      secret_hash: hashSecret(secret),
      node_key: node.key,
      created_by: createdBy,
      created_at: clock.wallTime(),
      last_used_at: null,
      revoked_at: null,
    };
    try {
      await database.transact([database.kysely.insertInto("api_keys").values(row)]);
    } catch (error) {
      if (!("node" in server)) await nodes.remove(node.nodeId);
      throw error;
    }
    return { info: toInfo(row, node), apiKey: formatToken(kind, id, secret) };
  }

  /** Newest first, also those that are revoked. */
  async list(): Promise<ApiKeyInfo[]> {
    const rows = await this.#options.database.kysely
      .selectFrom("api_keys")
      .selectAll()
      .orderBy("created_at", "desc")
      .execute();
    return rows.flatMap((row) => {
      const node = this.#options.nodes.getByKey(row.node_key);
      return node === undefined ? [] : [toInfo(row, node)];
    });
  }

  /** Ends a key; the connection that came in with it is closed. @throws {PicketError} `TOKEN_NOT_FOUND` */
  async revoke(id: string): Promise<void> {
    const { database, bus, clock } = this.#options;
    const [result] = await database.transact([
      database.kysely
        .updateTable("api_keys")
        .set({ revoked_at: clock.wallTime() })
        .where("id", "=", id)
        .where("revoked_at", "is", null),
    ]);
    if (result?.changes !== 1) throw new PicketError("TOKEN_NOT_FOUND");
    bus.publish("api-key-revoked", { keyId: id });
  }

  /** Whose key a text is; undefined when it is nobody's, or not in force any more. Writes down that it was used. */
  async check(text: string): Promise<CheckedApiKey | undefined> {
    const { database, clock, nodes } = this.#options;
    const parsed = parseToken(kind, text);
    if (parsed === undefined) return undefined;
    const row = await database.kysely
      .selectFrom("api_keys")
      .selectAll()
      .where("id", "=", parsed.id)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (row === undefined || !secretMatches(parsed.secret, row.secret_hash)) return undefined;
    // In one statement with the look at what may have changed meanwhile: a key that was just revoked lets nobody in.
    const [used] = await database.transact([
      database.kysely
        .updateTable("api_keys")
        .set({ last_used_at: clock.wallTime() })
        .where("id", "=", row.id)
        .where("revoked_at", "is", null),
    ]);
    const node = nodes.getByKey(row.node_key);
    return used?.changes === 1 && node !== undefined ? { id: row.id, nodeId: node.nodeId } : undefined;
  }

  async #newServer({ name, group }: { readonly name: string; readonly group: string }): Promise<NodeRecord> {
    const { record } = await this.#options.nodes.register({
      nodeId: randomUUID(),
      name,
      hostname: name,
      ipAddress: "",
      osInfo: undefined,
      capabilities: [],
      publicKey: undefined,
      group,
      seen: false,
    });
    return record;
  }

  async #requireFree(node: NodeRecord): Promise<void> {
    if (node.hasKey) throw new PicketError("CONFLICT", { details: "this node proves who it is by a key of its own" });
    const row = await this.#options.database.kysely
      .selectFrom("api_keys")
      .select("id")
      .where("node_key", "=", node.key)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (row !== undefined) throw new PicketError("CONFLICT", { details: "this server has a key: revoke it first" });
  }
}

interface ApiKeyRow {
  readonly id: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

function toInfo(row: ApiKeyRow, node: NodeRecord): ApiKeyInfo {
  return {
    id: row.id,
    node,
    createdBy: row.created_by,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}
