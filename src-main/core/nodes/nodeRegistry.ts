import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { NodesTable } from "../../store/tables.ts";
import type { NodeLink } from "./nodeLink.ts";
import type { NodeRecord } from "./nodeRecord.ts";

export interface Registration {
  readonly nodeId: string;
  readonly hostname: string;
  readonly ipAddress: string;
  readonly osInfo: string | undefined;
  readonly capabilities: readonly string[];
  /** Pinned when the node has none yet. */
  readonly publicKey: string | undefined;
  /** The group of the token that a new node enrolled with. */
  readonly group: string;
  /** What the operator calls a new node. */
  readonly name?: string | undefined;
  /** False for a new node that is only announced: nobody has heard of it yet. @default true */
  readonly seen?: boolean | undefined;
}

export interface NodeChange {
  /** Null takes the name away. */
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly group?: string | undefined;
}

export interface NodeRegistryOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Entry {
  record: NodeRecord;
  publicKey: string | undefined;
  link: NodeLink | undefined;
  /** On the monotonic clock: the wall clock may jump while nodes are as alive as before. */
  heardAt: number;
  /** The same for people, milliseconds since 1970. */
  lastSeenAt: number | undefined;
  /** Silence of this many milliseconds means offline. */
  silenceLimit: number;
  lastSeenStored: boolean;
}

/** A node whose socket is open but that says nothing for three intervals counts as offline. */
const missedIntervals = 3;
const tick = 2_000;
const storeLastSeenEvery = 60_000;

/** Every node the core knows, whether it is connected, and since when it was last heard of. */
export class NodeRegistry implements Disposable {
  readonly #options: NodeRegistryOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #byKey = new Map<number, Entry>();
  #timer: Disposable | undefined;
  #storedAt: number;
  #tickedAt = 0;

  private constructor(options: NodeRegistryOptions) {
    this.#options = options;
    this.#storedAt = options.clock.monotonicTime();
  }

  static async open(options: NodeRegistryOptions): Promise<NodeRegistry> {
    const registry = new NodeRegistry(options);
    for (const row of await options.database.kysely.selectFrom("nodes").selectAll().execute()) {
      registry.#add(row);
    }
    return registry;
  }

  get(nodeId: string): NodeRecord | undefined {
    return this.#entries.get(nodeId)?.record;
  }

  getByKey(key: number): NodeRecord | undefined {
    return this.#byKey.get(key)?.record;
  }

  /** @throws {PicketError} `NODE_NOT_FOUND` */
  require(nodeId: string): NodeRecord {
    const record = this.get(nodeId);
    if (record === undefined) throw new PicketError("NODE_NOT_FOUND");
    return record;
  }

  list(): NodeRecord[] {
    return Array.from(this.#entries.values(), ({ record }) => record);
  }

  /** When the node was last heard of, milliseconds since 1970; undefined: never. */
  lastSeenAt(nodeId: string): number | undefined {
    return this.#entries.get(nodeId)?.lastSeenAt;
  }

  /** The key that was pinned at the node's first registration. */
  publicKeyOf(nodeId: string): string | undefined {
    return this.#entries.get(nodeId)?.publicKey;
  }

  /** The connection of a node, when it has one. */
  linkOf(nodeId: string): NodeLink | undefined {
    return this.#entries.get(nodeId)?.link;
  }

  /** Creates or updates a node. */
  async register(registration: Registration): Promise<{ readonly record: NodeRecord; readonly created: boolean }> {
    const known = this.#entries.get(registration.nodeId);
    const { database, clock, bus } = this.#options;
    const values = {
      hostname: registration.hostname,
      ip_address: registration.ipAddress,
      os_info: registration.osInfo ?? null,
      capabilities_json: JSON.stringify(registration.capabilities),
      public_key: known?.publicKey ?? registration.publicKey ?? null,
    };
    if (known === undefined) {
      const now = clock.wallTime();
      await database.transact([
        database.kysely.insertInto("nodes").values({
          ...values,
          node_id: registration.nodeId,
          name: registration.name ?? null,
          group_name: registration.group,
          tags_json: "[]",
          facts_json: null,
          created_at: now,
          last_seen_at: registration.seen === false ? null : now,
        }),
      ]);
    } else if (differs(known, values)) {
      await database.transact([database.kysely.updateTable("nodes").set(values).where("key", "=", known.record.key)]);
    } else {
      return { record: known.record, created: false };
    }
    const row = await database.kysely
      .selectFrom("nodes")
      .selectAll()
      .where("node_id", "=", registration.nodeId)
      .executeTakeFirstOrThrow();
    const entry = known ?? this.#add(row);
    entry.record = { ...toRecord(row), status: entry.record.status };
    entry.publicKey = row.public_key ?? undefined;
    bus.publish("node-changed", { nodeId: registration.nodeId });
    return { record: entry.record, created: known === undefined };
  }

  /**
   * A registered node's connection. The newer connection wins; the older one is returned so that it can be closed.
   *
   * @param interval how often the node will be heard of, in milliseconds
   */
  connected(nodeId: string, link: NodeLink, interval: number): NodeLink | undefined {
    const entry = this.#require(nodeId);
    const older = entry.link;
    entry.link = link;
    entry.silenceLimit = interval * missedIntervals;
    this.#startTimer();
    this.#heard(entry);
    return older === link ? undefined : older;
  }

  /** The connection is gone. One that was replaced before changes nothing. */
  disconnected(nodeId: string, link: NodeLink): void {
    const entry = this.#entries.get(nodeId);
    if (entry?.link !== link) return;
    entry.link = undefined;
    this.#setStatus(entry, "offline");
    void this.#storeLastSeen([entry]);
  }

  /** The node said something. */
  heard(nodeId: string): void {
    const entry = this.#entries.get(nodeId);
    if (entry?.link !== undefined) this.#heard(entry);
  }

  async facts(nodeId: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const row = await this.#options.database.kysely
      .selectFrom("nodes")
      .select("facts_json")
      .where("node_id", "=", nodeId)
      .executeTakeFirst();
    const facts = row?.facts_json ?? undefined;
    return facts === undefined ? undefined : (JSON.parse(facts) as Record<string, unknown>);
  }

  async setFacts(nodeId: string, facts: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#update(nodeId, { facts_json: JSON.stringify(facts) });
  }

  /** @throws {PicketError} `NODE_NOT_FOUND` */
  async change(nodeId: string, change: NodeChange): Promise<NodeRecord> {
    const entry = this.#require(nodeId);
    const { name, tags, group } = change;
    await this.#update(nodeId, {
      ...(name === undefined ? {} : { name }),
      ...(tags === undefined ? {} : { tags_json: JSON.stringify(tags) }),
      ...(group === undefined ? {} : { group_name: group }),
    });
    const former = entry.record.group;
    entry.record = {
      ...entry.record,
      ...(name === undefined ? {} : { name: name ?? undefined }),
      ...(tags === undefined ? {} : { tags }),
      ...(group === undefined ? {} : { group }),
    };
    const movedFrom = entry.record.group === former ? undefined : former;
    this.#options.bus.publish("node-changed", { nodeId, movedFrom });
    return entry.record;
  }

  /** Forgets a node and its pinned key; a connection it has is returned so that it can be closed. */
  async remove(nodeId: string): Promise<NodeLink | undefined> {
    const entry = this.#require(nodeId);
    const { database, bus } = this.#options;
    await database.transact([database.kysely.deleteFrom("nodes").where("key", "=", entry.record.key)]);
    this.#entries.delete(nodeId);
    this.#byKey.delete(entry.record.key);
    bus.publish("node-removed", { nodeId, group: entry.record.group });
    return entry.link;
  }

  /** Stores when each node was last heard of. For shutdown. */
  async flush(): Promise<void> {
    await this.#storeLastSeen([...this.#entries.values()].filter((entry) => !entry.lastSeenStored));
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #add(row: NodeRow): Entry {
    const entry: Entry = {
      record: toRecord(row),
      publicKey: row.public_key ?? undefined,
      link: undefined,
      heardAt: 0,
      lastSeenAt: row.last_seen_at ?? undefined,
      silenceLimit: 0,
      lastSeenStored: true,
    };
    this.#entries.set(row.node_id, entry);
    this.#byKey.set(row.key, entry);
    return entry;
  }

  #require(nodeId: string): Entry {
    const entry = this.#entries.get(nodeId);
    if (entry === undefined) throw new PicketError("NODE_NOT_FOUND");
    return entry;
  }

  #heard(entry: Entry): void {
    const { clock } = this.#options;
    entry.heardAt = clock.monotonicTime();
    entry.lastSeenAt = clock.wallTime();
    entry.lastSeenStored = false;
    this.#setStatus(entry, "online");
  }

  #setStatus(entry: Entry, status: NodeRecord["status"]): void {
    if (entry.record.status === status) return;
    entry.record = { ...entry.record, status };
    this.#options.bus.publish("node-changed", { nodeId: entry.record.nodeId });
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    this.#tickedAt = this.#options.clock.monotonicTime();
    this.#timer = this.#options.clock.repeat(tick, () => this.#tick());
  }

  #tick(): void {
    const now = this.#options.clock.monotonicTime();
    // After a stall of this process the heartbeats wait in the sockets: the nodes were not silent, we were deaf.
    const stalled = now - this.#tickedAt > 3 * tick;
    this.#tickedAt = now;
    let connected = 0;
    for (const entry of this.#entries.values()) {
      if (entry.link === undefined) continue;
      connected += 1;
      if (stalled) entry.heardAt = now;
      else if (now - entry.heardAt > entry.silenceLimit) this.#setStatus(entry, "offline");
    }
    if (now - this.#storedAt >= storeLastSeenEvery) {
      this.#storedAt = now;
      void this.flush();
    }
    if (connected === 0) this.dispose();
  }

  async #storeLastSeen(entries: readonly Entry[]): Promise<void> {
    const { database, logger } = this.#options;
    for (const entry of entries) entry.lastSeenStored = true;
    try {
      await database.transact(
        entries.map(({ record, lastSeenAt }) =>
          database.kysely
            .updateTable("nodes")
            .set({ last_seen_at: lastSeenAt ?? null })
            .where("key", "=", record.key),
        ),
      );
    } catch (error) {
      logger.warn("storing when nodes were last seen failed", { error: describeError(error) });
    }
  }

  async #update(nodeId: string, values: Partial<Omit<NodesTable, "key">>): Promise<void> {
    if (Object.keys(values).length === 0) return;
    const { database } = this.#options;
    await database.transact([database.kysely.updateTable("nodes").set(values).where("node_id", "=", nodeId)]);
  }
}

interface NodeRow {
  readonly key: number;
  readonly node_id: string;
  readonly name: string | null;
  readonly hostname: string;
  readonly ip_address: string;
  readonly os_info: string | null;
  readonly group_name: string;
  readonly tags_json: string;
  readonly capabilities_json: string;
  readonly public_key: string | null;
  readonly created_at: number;
  readonly last_seen_at: number | null;
}

function toRecord(row: NodeRow): NodeRecord {
  return {
    key: row.key,
    nodeId: row.node_id,
    name: row.name ?? undefined,
    hostname: row.hostname,
    ipAddress: row.ip_address,
    osInfo: row.os_info ?? undefined,
    group: row.group_name,
    tags: JSON.parse(row.tags_json) as string[],
    capabilities: JSON.parse(row.capabilities_json) as string[],
    hasKey: row.public_key !== null,
    createdAt: row.created_at,
    status: "offline",
  };
}

/** Whether a registration says anything new: ten thousand nodes that come back after a restart say nothing new. */
function differs(
  known: Entry,
  values: Pick<NodesTable, "hostname" | "ip_address" | "os_info" | "capabilities_json" | "public_key">,
): boolean {
  const { record, publicKey } = known;
  return (
    record.hostname !== values.hostname ||
    record.ipAddress !== values.ip_address ||
    (record.osInfo ?? null) !== values.os_info ||
    JSON.stringify(record.capabilities) !== values.capabilities_json ||
    (publicKey ?? null) !== values.public_key
  );
}
