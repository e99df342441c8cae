import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Command } from "../commands/command.ts";
import type { Commands } from "../commands/commands.ts";
import type { NodeStatus } from "../nodes/nodeRecord.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import type { LogLevel } from "./logEntry.ts";
import type { LogStore } from "./logStore.ts";

export interface CoreEventsOptions {
  readonly bus: Bus;
  readonly nodes: NodeRegistry;
  readonly commands: Pick<Commands, "get">;
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The source of the lines that the core itself writes about a node. */
export const coreSource = "picket-core";

const longestCommand = 200;

/** Writes into a node's log what the core sees of it: that it came, went, and what it would not or could not do. */
export class CoreEvents implements Disposable {
  readonly #options: CoreEventsOptions;
  readonly #owned = new DisposableStore();
  readonly #status = new Map<string, NodeStatus>();

  constructor(options: CoreEventsOptions) {
    this.#options = options;
    const { bus, nodes } = options;
    for (const { nodeId, status } of nodes.list()) this.#status.set(nodeId, status);
    this.#owned.add(bus.subscribe("node-changed", ({ nodeId, movedFrom }) => this.#nodeChanged(nodeId, movedFrom)));
    this.#owned.add(bus.subscribe("node-removed", ({ nodeId }) => this.#status.delete(nodeId)));
    this.#owned.add(
      bus.subscribe("command-changed", ({ commandId, nodeId, status }) => {
        if (status === "failed" || status === "timed_out" || status === "lost")
          void this.#commandFailed(commandId, nodeId);
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #nodeChanged(nodeId: string, movedFrom: string | undefined): void {
    const node = this.#options.nodes.get(nodeId);
    if (node === undefined) return;
    const known = this.#status.get(nodeId);
    this.#status.set(nodeId, node.status);
    if (known === undefined) this.#write(nodeId, "notice", `the node was enrolled into the group ${node.group}`);
    if (movedFrom !== undefined) this.#write(nodeId, "notice", `the node was moved from ${movedFrom} to ${node.group}`);
    if (known === node.status || (known === undefined && node.status === "offline")) return;
    if (node.status === "online") this.#write(nodeId, "info", "the node is online");
    else this.#write(nodeId, "warning", "the node is offline");
  }

  async #commandFailed(commandId: string, nodeId: string): Promise<void> {
    const command = await this.#options.commands.get(commandId).catch(() => undefined);
    if (command !== undefined) this.#write(nodeId, "warning", describe(command));
  }

  #write(nodeId: string, level: LogLevel, message: string): void {
    const { nodes, logs, clock, logger } = this.#options;
    const node = nodes.get(nodeId);
    if (node === undefined) return;
    logs.append(node.key, [{ time: clock.wallTime(), level, source: coreSource, message }]).catch((error: unknown) => {
      logger.warn("an event of a node was not stored", { node: nodeId, error: describeError(error) });
    });
  }
}

function describe({ status, errorCode, exitCode, commandText, createdBy }: Command): string {
  const what = commandText.length > longestCommand ? `${commandText.slice(0, longestCommand)}…` : commandText;
  if (errorCode === "FORBIDDEN_BY_POLICY") return `the node's policy refused a command of ${createdBy}: ${what}`;
  if (status === "timed_out") return `a command of ${createdBy} ran out of time: ${what}`;
  if (status === "lost") return `a command of ${createdBy} was lost: ${what}`;
  return `a command of ${createdBy} failed${exitCode === undefined ? "" : ` with exit code ${exitCode}`}: ${what}`;
}
