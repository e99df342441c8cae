import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { PicketError, toPicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { AuditLog } from "../audit/auditLog.ts";
import type { Commands } from "../commands/commands.ts";
import { hasRole, maySeeGroup, type Principal } from "../identity/principal.ts";
import type { Users } from "../identity/users.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import type { NearEnd, NodeStream, Stream } from "./stream.ts";
import { type StreamKind, streamKinds } from "./streamKinds.ts";
import { streamReset } from "./streamReset.ts";

export interface StreamBrokerOptions {
  readonly nodes: NodeRegistry;
  readonly audit: AuditLog;
  readonly commands: Commands;
  readonly users: Pick<Users, "get">;
  readonly bus: Bus;
}

export interface OpenRequest {
  readonly principal: Principal;
  /** The node, which the caller has checked that the principal may see. */
  readonly node: NodeRecord;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const longestCommand = 32_768;
interface OpenStream {
  readonly principal: Principal;
  readonly nodeId: string;
  readonly kind: StreamKind;
  readonly stream: Stream;
}

interface Prepared {
  readonly params: Readonly<Record<string, unknown>>;
  /** The command that was made for this stream. */
  readonly commandId?: string;
}

/** How many streams may be open at a time. */
export const streamQuotas = { perUser: 64, perNode: 128 } as const;

/**
 * Opens streams between consoles and nodes: who may, how many, and who did. Ids alone open nothing: a session on a node
 * belongs to the user that the core names, whatever the console wrote. A right that is taken away takes the streams with
 * it that it had opened.
 */
export class StreamBroker implements Disposable {
  readonly #options: StreamBrokerOptions;
  readonly #perUser = new Map<string, number>();
  readonly #perNode = new Map<string, number>();
  readonly #open = new Set<OpenStream>();
  readonly #owned = new DisposableStore();
  /** How often rights have changed: one that did while a stream was opened concerns it too. */
  #changes = 0;

  constructor(options: StreamBrokerOptions) {
    this.#options = options;
    const { bus } = options;
    this.#owned.add(
      bus.subscribe("user-changed", ({ userId }) => {
        void this.#recheck(({ principal }) => principal.userId === userId);
      }),
    );
    this.#owned.add(
      bus.subscribe("node-changed", ({ nodeId, movedFrom }) => {
        if (movedFrom !== undefined) void this.#recheck((open) => open.nodeId === nodeId);
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /**
   * Opens the node's end. The caller splices it to the console's and calls `release` when the stream has ended.
   *
   * @throws {PicketError} `CHANNEL_UNKNOWN_KIND`, `FORBIDDEN`, `NODE_OFFLINE`, `UNSUPPORTED`, `CHANNEL_LIMIT`, or what
   *   the node says
   */
  async open(request: OpenRequest, near: NearEnd): Promise<NodeStream & { readonly release: () => void }> {
    const { principal, node } = request;
    const kind = Object.hasOwn(streamKinds, request.kind) ? streamKinds[request.kind] : undefined;
    if (kind === undefined) throw new PicketError("CHANNEL_UNKNOWN_KIND");
    if (!hasRole(principal, kind.role)) throw new PicketError("FORBIDDEN");
    const link = this.#options.nodes.linkOf(node.nodeId);
    if (link === undefined) throw new PicketError("NODE_OFFLINE");
    if (!link.capabilities.has("channels") || !link.capabilities.has(kind.capability)) {
      throw new PicketError("UNSUPPORTED", { details: kind.capability });
    }
    const release = this.#reserve(principal.userId, node.nodeId);
    const changes = this.#changes;
    let prepared: Prepared | undefined;
    let opened: NodeStream | undefined;
    try {
      prepared = request.kind === "exec" ? await this.#prepareExec(request) : { params: request.params };
      const params = { ...prepared.params, owner: principal.userId };
      opened = await link.openStream({ kind: request.kind, params }, near);
      await this.#record(request, "done");
      const open = { principal, nodeId: node.nodeId, kind, stream: opened.stream };
      this.#open.add(open);
      opened.stream.whenClosed(() => this.#open.delete(open));
      if (changes !== this.#changes) await this.#recheck((one) => one === open);
      return { ...opened, release };
    } catch (thrown) {
      release();
      const error = toPicketError(thrown);
      // What cannot be written down is not done.
      if (opened !== undefined) opened.stream.reset(streamReset.failed, "the audit log cannot be written");
      else if (prepared === undefined || !cameTooLate(request, error))
        await this.#record(request, "refused", error.code);
      if (prepared?.commandId !== undefined) await this.#options.commands.refused(node, prepared.commandId, error);
      throw error;
    }
  }

  async #recheck(concerns: (open: OpenStream) => boolean): Promise<void> {
    this.#changes += 1;
    for (const open of [...this.#open].filter(concerns)) {
      if (!(await this.#isAllowed(open))) open.stream.reset(streamReset.forbidden, "not allowed any more");
    }
  }

  async #isAllowed({ principal, nodeId, kind }: OpenStream): Promise<boolean> {
    const node = this.#options.nodes.get(nodeId);
    // Who cannot be asked about may not.
    const user = await this.#options.users.get(principal.userId).catch(() => undefined);
    const now = principal.sessionId === undefined ? principal : user && { ...principal, ...user };
    return node !== undefined && now !== undefined && maySeeGroup(now, node.group) && hasRole(now, kind.role);
  }

  /** A command that runs over a stream is a command like any other: stored before it is sent. */
  async #prepareExec(request: OpenRequest): Promise<Prepared> {
    const { commands } = this.#options;
    const { command_id: known, command, timeout, pty } = request.params;
    if (typeof known === "string") {
      const existing = await commands.get(known);
      if (existing?.nodeId !== request.node.nodeId) throw new PicketError("COMMAND_NOT_FOUND");
      return { params: { command_id: known } };
    }
    if (typeof command !== "string" || command === "" || command.length > longestCommand) {
      throw new PicketError("INVALID_PARAMS", { details: "data.params.command: a text expected" });
    }
    const seconds = typeof timeout === "number" && timeout >= 1 && timeout <= 86_400 ? Math.round(timeout) : 60;
    const { username } = request.principal;
    const direct = { node: request.node, commandText: command, timeout: seconds, createdBy: username };
    const commandId = await commands.createSent(direct);
    return { params: { command_id: commandId, command, timeout: seconds, pty: pty === true }, commandId };
  }

  #reserve(userId: string, nodeId: string): () => void {
    const ofUser = this.#perUser.get(userId) ?? 0;
    const ofNode = this.#perNode.get(nodeId) ?? 0;
    if (ofUser >= streamQuotas.perUser || ofNode >= streamQuotas.perNode) throw new PicketError("CHANNEL_LIMIT");
    add(this.#perUser, userId, 1);
    add(this.#perNode, nodeId, 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      add(this.#perUser, userId, -1);
      add(this.#perNode, nodeId, -1);
    };
  }

  #record(request: OpenRequest, outcome: "done" | "refused", code?: string): Promise<void> {
    const { command, session, container } = request.params as Readonly<Record<string, unknown>>;
    return this.#options.audit.append({
      actor: request.principal.username,
      action: `${request.kind}-open`,
      target: request.node.nodeId,
      outcome,
      details: {
        ...(typeof command === "string" ? { command: command.slice(0, 4096) } : {}),
        ...(typeof container === "string" ? { container: container.slice(0, 256) } : {}),
        ...(session === undefined ? {} : { resumed: true }),
        ...(code === undefined ? {} : { code }),
      },
    });
  }
}

/** Whoever wants to read along with a command of this node that has just ended did nothing worth a record. */
function cameTooLate({ kind, params }: OpenRequest, error: PicketError): boolean {
  return kind === "exec" && typeof params["command_id"] === "string" && error.code === "COMMAND_NOT_FOUND";
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
