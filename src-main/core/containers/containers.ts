import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { PicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { NodeLink } from "../nodes/nodeLink.ts";
import type { NodeMethod, NodeMethods } from "../nodes/nodeMethods.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import type { ContainerAction, ContainerEvent, ContainerList, ContainerStats } from "./container.ts";
import { maskContainerDetails } from "./maskContainerDetails.ts";

export interface ContainersOptions {
  readonly nodes: NodeRegistry;
  readonly bus: Bus;
}

/** A container of a node, by its id or name. */
export interface ContainerPlace {
  readonly node: NodeRecord;
  readonly container: string;
}

export interface NodeContainerEvent extends ContainerEvent {
  readonly nodeId: string;
}

/** The containers of all nodes: the list that each node said last, and what nodes are asked to do with one. */
export class Containers implements Disposable {
  readonly #options: ContainersOptions;
  readonly #lists = new Map<string, { readonly link: NodeLink; readonly list: ContainerList }>();
  readonly #events = new Emitter<NodeContainerEvent>();
  readonly #owned = new DisposableStore();

  constructor(options: ContainersOptions) {
    this.#options = options;
    this.#owned.add(options.bus.subscribe("node-removed", ({ nodeId }) => this.#lists.delete(nodeId)));
  }

  dispose(): void {
    this.#owned.dispose();
    this.#lists.clear();
  }

  /** Something happened to a container of any node. */
  onEvent(listener: (event: NodeContainerEvent) => void): Disposable {
    return this.#events.subscribe(listener);
  }

  /** A node says which containers it has. For its protocol. */
  listed(nodeId: string, list: ContainerList): void {
    const link = this.#options.nodes.linkOf(nodeId);
    if (link === undefined) return;
    this.#lists.set(nodeId, { link, list });
    this.#options.bus.publish("containers-changed", { nodeId });
  }

  /** A node says what happened to one. For its protocol. */
  happened(nodeId: string, event: ContainerEvent): void {
    this.#events.emit({ ...event, nodeId });
  }

  /** What the node said last over the connection that it has now; undefined when it said nothing yet. */
  latest(nodeId: string): ContainerList | undefined {
    const known = this.#lists.get(nodeId);
    return known !== undefined && known.link === this.#options.nodes.linkOf(nodeId) ? known.list : undefined;
  }

  /**
   * The node's containers: what it said last, or else what it answers.
   *
   * @throws {PicketError} `NODE_OFFLINE`, `UNSUPPORTED`, `TIMEOUT`, `PEER_LOST`, or the node's own code
   */
  async list(node: NodeRecord): Promise<ContainerList> {
    return this.latest(node.nodeId) ?? (await this.#ask(node, "container-list", {}));
  }

  /**
   * What the engine knows of a container. Values that look like secrets stay here, whoever asks.
   *
   * @throws {PicketError} `CONTAINER_NOT_FOUND`, and what `list` throws
   */
  async inspect({ node, container }: ContainerPlace): Promise<Readonly<Record<string, unknown>>> {
    const { details } = await this.#ask(node, "container-inspect", { container });
    return maskContainerDetails(details);
  }

  /** @throws {PicketError} `CONTAINER_NOT_FOUND`, and what `list` throws */
  stats({ node, container }: ContainerPlace): Promise<ContainerStats> {
    return this.#ask(node, "container-stats", { container });
  }

  /**
   * The last lines, at most `tail`.
   *
   * @throws {PicketError} `CONTAINER_NOT_FOUND`, and what `list` throws
   */
  async logs({ node, container }: ContainerPlace, tail: number): Promise<string> {
    return (await this.#ask(node, "container-logs", { container, tail })).text;
  }

  /**
   * Starts, stops, removes … a container; resolves with the engine's words when it is done.
   *
   * @throws {PicketError} `CONTAINER_NOT_FOUND`, `CONTAINER_ENGINE_FAILED`, `FORBIDDEN_BY_POLICY`, and what `list` throws
   */
  async act({ node, container }: ContainerPlace, action: ContainerAction): Promise<string> {
    return (await this.#ask(node, "container-action", { container, action })).message;
  }

  async #ask<M extends NodeMethod>(
    node: NodeRecord,
    method: M,
    params: NodeMethods[M]["params"],
  ): Promise<NodeMethods[M]["result"]> {
    const link = this.#options.nodes.linkOf(node.nodeId);
    if (link === undefined) throw new PicketError("NODE_OFFLINE");
    return link.ask(method, params);
  }
}
