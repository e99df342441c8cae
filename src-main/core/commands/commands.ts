import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { NodeLink } from "../nodes/nodeLink.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import {
  type Command,
  type CommandOutput,
  type CommandResult,
  type CommandStatus,
  openStatuses,
  statusOf,
} from "./command.ts";
import { type CommandQuery, CommandTable } from "./commandTable.ts";
import { type DirectCommand, newCommandRow } from "./newCommandRow.ts";

export interface CommandsOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodes: NodeRegistry;
}

export interface NewCommand {
  readonly nodes: readonly NodeRecord[];
  readonly commandText: string;
  /** Seconds the command may run. */
  readonly timeout: number;
  /** Milliseconds the command may wait for an offline node. */
  readonly expiresIn: number;
  readonly createdBy: string;
}

interface OpenCommand {
  readonly id: string;
  readonly nodeId: string;
  readonly commandText: string;
  readonly timeout: number;
  status: CommandStatus;
  /** When it is given up, on the monotonic clock. */
  deadline: number;
  /** Somebody asked to end it: whatever it exits with, it was cancelled. */
  cancelling: boolean;
}

interface CommandEnd {
  readonly status: CommandStatus;
  readonly error_code: string;
  readonly stderr?: string;
}

const tick = 1_000;
/** What a result may take beyond the command's own time limit: the kill after it, and the way back. */
const resultGrace = 20_000;
/** An agent that was cut off keeps its results; after this long nobody waits for them any more. */
const lostAfter = 24 * 3_600_000;
const keepFor = 90 * 24 * 3_600_000;
const pruneEvery = 6 * 3_600_000;

/**
 * Commands for nodes: stored before they are sent, queued while a node is away, run once. A node of ours that is asked
 * twice for the same id runs it once; one that speaks the plain protocol is not asked twice.
 */
export class Commands implements Disposable {
  readonly #options: CommandsOptions;
  readonly #table: CommandTable;
  readonly #open = new Map<string, OpenCommand>();
  /** The same by node, each node's in the order in which they were made. */
  readonly #openOfNode = new Map<string, Set<OpenCommand>>();
  /** Per node, the delivery that is under way: commands leave in their order. */
  readonly #deliveries = new Map<string, Promise<void>>();
  #timer: Disposable | undefined;
  #pruning: Disposable | undefined;

  private constructor(options: CommandsOptions) {
    this.#options = options;
    this.#table = new CommandTable(options.database, options.nodes);
  }

  static async open(options: CommandsOptions): Promise<Commands> {
    const commands = new Commands(options);
    const wall = options.clock.wallTime();
    const now = options.clock.monotonicTime();
    await commands.#removeOld();
    commands.#pruning = options.clock.repeat(pruneEvery, () => void commands.#removeOld());
    for (const command of await commands.#table.open()) {
      const deadline = command.status === "queued" ? now + command.expiresAt - wall : now + lostAfter;
      commands.#track({ ...command, deadline, cancelling: false });
    }
    return commands;
  }

  /** Stores one command per node and hands it over where the node is connected. */
  async create(command: NewCommand): Promise<Command[]> {
    const now = this.#options.clock.wallTime();
    const { commandText, timeout, expiresIn, createdBy } = command;
    const rows = command.nodes.map((node) =>
      newCommandRow({ node, commandText, timeout, createdBy, now, expiresAt: now + expiresIn }),
    );
    await this.#table.insert(rows);
    const deadline = this.#options.clock.monotonicTime() + expiresIn;
    command.nodes.forEach((node, index) => {
      const id = rows[index]?.id ?? "";
      this.#track({ id, nodeId: node.nodeId, commandText, timeout, status: "queued", deadline, cancelling: false });
      this.#publish({ id, nodeId: node.nodeId, status: "queued" });
    });
    await Promise.all(command.nodes.map((node) => this.#deliver(node.nodeId)));
    const created = await Promise.all(rows.map((row) => this.#table.get(row.id)));
    return created.filter((one) => one !== undefined);
  }

  /** Stores a command that is about to be handed over by other means, a stream; returns its id. */
  async createSent(command: DirectCommand): Promise<string> {
    const { clock } = this.#options;
    const now = clock.wallTime();
    const { node, commandText, timeout, createdBy } = command;
    const row = newCommandRow({ node, commandText, timeout, createdBy, now, expiresAt: now + resultGrace });
    await this.#table.insert([{ ...row, status: "sent", sent_at: now }]);
    const deadline = clock.monotonicTime() + timeout * 1000 + resultGrace;
    this.#track({ id: row.id, nodeId: node.nodeId, commandText, timeout, status: "sent", deadline, cancelling: false });
    this.#publish({ id: row.id, nodeId: node.nodeId, status: "sent" });
    return row.id;
  }

  /** A node is there (again): it gets what waits for it, and what it was given and never answered. */
  async nodeConnected(nodeId: string): Promise<void> {
    const link = this.#options.nodes.linkOf(nodeId);
    if (link === undefined) return;
    const now = this.#options.clock.monotonicTime();
    for (const command of this.#ofNode(nodeId)) {
      if (command.status === "queued") continue;
      // A node of ours knows the id and answers with what became of it. Another one would run it a second time.
      command.deadline = now + command.timeout * 1000 + resultGrace;
      if (link.remembersCommands) hand(link, command);
    }
    await this.#deliver(nodeId);
  }

  /** The link broke: results come later, with the node. */
  nodeDisconnected(nodeId: string): void {
    const now = this.#options.clock.monotonicTime();
    for (const command of this.#ofNode(nodeId)) {
      if (command.status !== "queued") command.deadline = now + lostAfter;
    }
  }

  async started(node: NodeRecord, commandId: string): Promise<void> {
    const command = this.#open.get(commandId);
    if (command?.nodeId !== node.nodeId || command.status === "started") return;
    const { clock } = this.#options;
    command.status = "started";
    command.deadline = clock.monotonicTime() + command.timeout * 1000 + resultGrace;
    if (await this.#table.update(commandId, ["sent"], { status: "started", started_at: clock.wallTime() })) {
      this.#publish(command);
    }
  }

  /**
   * Stores a result; resolves when it is on the disk. One that is known already, or of a command that this node was never
   * given, changes nothing.
   *
   * @throws {PicketError} `DATABASE_ERROR`: the node keeps the result and sends it again
   */
  async finished(node: NodeRecord, commandId: string, result: CommandResult): Promise<void> {
    const command = await this.#table.get(commandId);
    if (command?.nodeId !== node.nodeId) {
      this.#options.logger.warn("a result of a command that this node was not given", { node: node.nodeId, commandId });
      return;
    }
    const open = this.#open.get(commandId);
    const status = open?.cancelling === true && result.exitCode !== 0 ? "cancelled" : statusOf(result, command);
    // What the core gave up may still come to its real end.
    const stored = await this.#table.update(commandId, [...openStatuses, "timed_out", "lost"], {
      status,
      finished_at: this.#options.clock.wallTime(),
      exit_code: result.exitCode,
      stdout: result.stdout,
      stderr: result.stderr,
      execution_time_ms: result.executionTimeMs,
      error_code: status === "timed_out" ? "COMMAND_TIMEOUT" : null,
    });
    if (open !== undefined) this.#untrack(open);
    if (stored) this.#publish({ id: commandId, nodeId: node.nodeId, status });
  }

  /** The node did not take the command: its policy forbids it, or it cannot run it. False when it has no such command. */
  async refused(
    node: NodeRecord,
    commandId: string,
    error: { readonly code: string; readonly message: string },
  ): Promise<boolean> {
    const command = this.#open.get(commandId);
    if (command?.nodeId !== node.nodeId) return false;
    const status = command.cancelling ? "cancelled" : "failed";
    await this.#tryToEnd(command, { status, error_code: error.code, stderr: error.message });
    return true;
  }

  /**
   * Cancels a command: one that waits is not sent, one that runs is ended.
   *
   * @throws {PicketError} `COMMAND_NOT_FOUND`, `CONFLICT` when it has ended, `NODE_OFFLINE`, `UNSUPPORTED`,
   *   `DATABASE_ERROR`
   */
  async cancel(commandId: string): Promise<void> {
    const command = this.#open.get(commandId);
    if (command === undefined) {
      const known = await this.#table.get(commandId);
      throw new PicketError(known === undefined ? "COMMAND_NOT_FOUND" : "CONFLICT", { details: "it has ended" });
    }
    if (command.status === "queued") {
      if (await this.#end(command, { status: "cancelled", error_code: "CANCELLED" })) return;
      // It is being handed over at this very moment: who has it then is asked to end it.
      const delivery = this.#deliveries.get(command.nodeId);
      if (delivery !== undefined) {
        await delivery;
        return this.cancel(commandId);
      }
    }
    const link = this.#options.nodes.linkOf(command.nodeId);
    if (link === undefined) throw new PicketError("NODE_OFFLINE");
    if (!link.cancel(commandId)) throw new PicketError("UNSUPPORTED");
    command.cancelling = true;
  }

  get(commandId: string): Promise<Command | undefined> {
    return this.#table.get(commandId);
  }

  output(commandId: string): Promise<CommandOutput> {
    return this.#table.output(commandId);
  }

  async list(query: CommandQuery): Promise<Command[]> {
    return query.nodeKeys.length === 0 ? [] : this.#table.list(query);
  }

  /** Forgets everything about a node that was removed. */
  async removeOfNode(node: NodeRecord): Promise<void> {
    for (const command of this.#ofNode(node.nodeId)) this.#untrack(command);
    await this.#table.removeOfNode(node.key);
  }

  dispose(): void {
    this.#pruning?.dispose();
    this.#stopTimer();
  }

  #stopTimer(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  async #removeOld(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      await this.#table.removeOlderThan(clock.wallTime() - keepFor);
    } catch (error) {
      logger.warn("old commands could not be removed", { error: describeError(error) });
    }
  }

  #ofNode(nodeId: string): readonly OpenCommand[] {
    return [...(this.#openOfNode.get(nodeId) ?? [])];
  }

  #track({ id, nodeId, commandText, timeout, status, deadline, cancelling }: OpenCommand): void {
    const command = { id, nodeId, commandText, timeout, status, deadline, cancelling };
    this.#open.set(id, command);
    const ofNode = this.#openOfNode.get(nodeId) ?? new Set();
    this.#openOfNode.set(nodeId, ofNode.add(command));
    this.#timer ??= this.#options.clock.repeat(tick, () => this.#tick());
  }

  #untrack(command: OpenCommand): void {
    this.#open.delete(command.id);
    const ofNode = this.#openOfNode.get(command.nodeId);
    ofNode?.delete(command);
    if (ofNode?.size === 0) this.#openOfNode.delete(command.nodeId);
  }

  #deliver(nodeId: string): Promise<void> {
    const before = this.#deliveries.get(nodeId) ?? Promise.resolve();
    const delivery = before.then(() => this.#deliverQueued(nodeId));
    this.#deliveries.set(nodeId, delivery);
    return delivery.finally(() => {
      if (this.#deliveries.get(nodeId) === delivery) this.#deliveries.delete(nodeId);
    });
  }

  async #deliverQueued(nodeId: string): Promise<void> {
    const { nodes, clock, logger } = this.#options;
    for (const command of this.#ofNode(nodeId)) {
      const link = nodes.linkOf(nodeId);
      if (link === undefined || command.status !== "queued") continue;
      try {
        // Stored first: after a crash between the two the command is given again, and a node of ours runs it once.
        const stored = await this.#table.update(command.id, ["queued"], { status: "sent", sent_at: clock.wallTime() });
        if (!stored) continue;
        if (nodes.linkOf(nodeId) !== link) {
          // The link went while the database was asked. Nothing was handed over: it waits for the next one.
          command.status = "sent";
          await this.#table.update(command.id, ["sent"], { status: "queued", sent_at: null });
          command.status = "queued";
          return;
        }
      } catch (error) {
        logger.warn("a queued command could not be marked as sent", { error: describeError(error) });
        return;
      }
      command.status = "sent";
      command.deadline = clock.monotonicTime() + command.timeout * 1000 + resultGrace;
      this.#publish(command);
      hand(link, command);
    }
  }

  #tick(): void {
    if (this.#open.size === 0) {
      this.#stopTimer();
      return;
    }
    const now = this.#options.clock.monotonicTime();
    for (const command of this.#open.values()) {
      if (now >= command.deadline) void this.#giveUp(command);
    }
  }

  async #giveUp(command: OpenCommand): Promise<void> {
    const link = this.#options.nodes.linkOf(command.nodeId);
    // Not again at every tick while the database is asked.
    command.deadline = Number.POSITIVE_INFINITY;
    if (command.status === "queued") await this.#tryToEnd(command, { status: "expired", error_code: "TIMEOUT" });
    else if (link === undefined) await this.#tryToEnd(command, { status: "lost", error_code: "PEER_LOST" });
    else await this.#tryToEnd(command, { status: "timed_out", error_code: "COMMAND_TIMEOUT" });
  }

  /** The same for what nobody waits for: when it cannot be stored now, it is tried again. */
  async #tryToEnd(command: OpenCommand, end: CommandEnd): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      await this.#end(command, end);
    } catch (error) {
      command.deadline = clock.monotonicTime() + resultGrace;
      logger.warn("the end of a command could not be stored", { error: describeError(error) });
    }
  }

  /** False when the command has ended otherwise, or waits no more: it is being handed over at this very moment. */
  async #end(command: OpenCommand, end: CommandEnd): Promise<boolean> {
    const waits = command.status === "queued";
    const values = { ...end, finished_at: this.#options.clock.wallTime() };
    const ended = await this.#table.update(command.id, waits ? ["queued"] : openStatuses, values);
    if (ended || !waits) this.#untrack(command);
    if (ended) this.#publish({ ...command, status: end.status });
    return ended;
  }

  #publish(command: Pick<OpenCommand, "id" | "nodeId" | "status">): void {
    const { id, nodeId, status } = command;
    this.#options.bus.publish("command-changed", { commandId: id, nodeId, status });
  }
}

function hand(link: NodeLink, command: OpenCommand): void {
  link.execute({ commandId: command.id, commandText: command.commandText, timeout: command.timeout });
}
