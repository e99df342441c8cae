import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import type { Core } from "../../core/core.ts";
import { hasRole, maySeeGroup, type Principal } from "../../core/identity/principal.ts";
import { alertSubscription } from "./alertSubscription.ts";
import { type Topic, topics } from "./messages/connection.ts";
import type { ParamsOf, PushData, PushType } from "./messages.ts";
import { viewCommand, viewContainers, viewNode, viewSample } from "./requests/views.ts";

export interface SubscriptionsOptions {
  readonly core: Core;
  /** The user as it is now: a role or group may change while subscribed. */
  readonly principal: () => Principal;
  /** False when the peer does not keep up: what is only for looking at is then skipped. */
  readonly hasRoom: () => boolean;
  push<T extends PushType>(type: T, data: PushData<T>): void;
}

type Subscription = ParamsOf<"subscribe">;

const defaultInterval = 5_000;
/** A node that is watched more slowly than this reports at its own pace. */
const restInterval = 5_000;
/** Changes of nodes are gathered this long: ten thousand that come back are not ten thousand pushes a console each. */
const gatherTime = 250;

/** What one console has subscribed to. One subscription per topic and node; a repeat replaces the former. */
export class Subscriptions implements Disposable {
  readonly #options: SubscriptionsOptions;
  readonly #active = new Map<string, Disposable>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** @throws {PicketError} `UNKNOWN_TOPIC`, `VM_NOT_FOUND`, `INVALID_PARAMS` */
  add(subscription: Subscription): void {
    const { topic } = subscription;
    if (!isTopic(topic)) throw new PicketError("UNKNOWN_TOPIC", { details: `known: ${topics.join(", ")}` });
    const key = keyOf(subscription);
    const started = this.#start(topic, subscription);
    this.#active.get(key)?.dispose();
    this.#active.set(key, started);
  }

  remove(subscription: Subscription): void {
    const key = keyOf(subscription);
    this.#active.get(key)?.dispose();
    this.#active.delete(key);
  }

  dispose(): void {
    for (const subscription of this.#active.values()) subscription.dispose();
    this.#active.clear();
  }

  #start(topic: Topic, subscription: Subscription): Disposable {
    switch (topic) {
      case "nodes":
        return this.#nodes();
      case "node-metrics":
        return this.#nodeMetrics(subscription);
      case "commands":
        return this.#commands();
      case "containers":
        return this.#containers(subscription);
      case "alerts":
        return alertSubscription(this.#options);
      case "rooms":
        return this.#rooms();
      case "system-monitor":
        return this.#systemMonitor(subscription);
      case "vm-status":
        // No agent manages machines yet: one that is named is unknown, and of all there are none.
        if (subscription.vmId !== undefined) throw new PicketError("VM_NOT_FOUND");
        return new DisposableStore();
      case "vm-status-all":
      case "events":
        // Events go to every console, subscribed or not, as the seed has it.
        return new DisposableStore();
    }
  }

  #nodes(): Disposable {
    const { core, principal, push } = this.#options;
    const owned = new DisposableStore();
    const changed = new Set<string>();
    /** Nodes that left a group in which this console saw them. */
    const moved = new Set<string>();
    const first = principal();
    let timer: Disposable | undefined;
    const flush = (): void => {
      timer = undefined;
      for (const nodeId of changed) {
        const node = core.nodes.get(nodeId);
        if (node === undefined) continue;
        // A node that went out of sight is gone, for this console. Of one that it never saw it learns nothing.
        if (maySeeGroup(principal(), node.group)) push("node-changed", { node: viewNode(node, core) });
        else if (moved.has(nodeId) || maySeeGroup(first, node.group)) push("node-removed", { nodeId });
      }
      changed.clear();
      moved.clear();
    };
    owned.add(
      core.bus.subscribe("node-changed", ({ nodeId, movedFrom }) => {
        changed.add(nodeId);
        if (movedFrom !== undefined && maySeeGroup(principal(), movedFrom)) moved.add(nodeId);
        timer ??= core.clock.schedule(gatherTime, flush);
      }),
    );
    owned.add(
      core.bus.subscribe("node-removed", ({ nodeId, group }) => {
        changed.delete(nodeId);
        moved.delete(nodeId);
        if (maySeeGroup(principal(), group)) push("node-removed", { nodeId });
      }),
    );
    owned.add({ dispose: () => timer?.dispose() });
    return owned;
  }

  #nodeMetrics({ nodeId, interval = defaultInterval }: Subscription): Disposable {
    const { core, push, hasRoom, principal } = this.#options;
    const node = nodeId === undefined ? undefined : core.nodes.get(nodeId);
    if (node === undefined) throw new PicketError("INVALID_PARAMS", { details: "data.nodeId: a node's id expected" });
    const owned = new DisposableStore();
    let pushedAt = Number.NEGATIVE_INFINITY;
    const show = (sample: Parameters<typeof viewSample>[0]): void => {
      const now = core.clock.monotonicTime();
      // A sample a little early is the next one, not one too many.
      if (now - pushedAt < interval * 0.8 || !hasRoom() || !maySeeGroup(principal(), node.group)) return;
      pushedAt = now;
      push("node-metrics", { nodeId: node.nodeId, sample: viewSample(sample) });
    };
    const latest = core.metrics.latest(node.key);
    if (latest !== undefined) show(latest);
    pushedAt = Number.NEGATIVE_INFINITY;
    owned.add(core.metrics.onSampleOf(node.key, show));
    if (interval < restInterval) owned.add(core.nodeWatch.watch(node.nodeId, interval));
    return owned;
  }

  #commands(): Disposable {
    const { core, principal, push } = this.#options;
    return core.bus.subscribe("command-changed", ({ commandId, nodeId }) => {
      const node = core.nodes.get(nodeId);
      if (node === undefined || !maySeeGroup(principal(), node.group)) return;
      core.commands.get(commandId).then(
        (command) => command !== undefined && push("command-changed", { command: viewCommand(command) }),
        () => {},
      );
    });
  }

  #rooms(): Disposable {
    const { core, principal, push } = this.#options;
    const mayKnow = (): boolean => principal().groups === undefined && hasRole(principal(), "operator");
    if (!mayKnow()) throw new PicketError("FORBIDDEN");
    const owned = new DisposableStore();
    let timer: Disposable | undefined;
    const flush = (): void => {
      timer = undefined;
      if (mayKnow()) push("rooms-changed", {});
    };
    owned.add(
      core.bus.subscribe("room-changed", () => {
        timer ??= core.clock.schedule(gatherTime, flush);
      }),
    );
    owned.add({ dispose: () => timer?.dispose() });
    return owned;
  }

  #containers({ nodeId }: Subscription): Disposable {
    const { core, push, hasRoom, principal } = this.#options;
    const node = nodeId === undefined ? undefined : core.nodes.get(nodeId);
    if (node === undefined) throw new PicketError("INVALID_PARAMS", { details: "data.nodeId: a node's id expected" });
    const owned = new DisposableStore();
    let timer: Disposable | undefined;
    const show = (): void => {
      timer = undefined;
      const list = core.containers.latest(node.nodeId);
      if (list === undefined || !maySeeGroup(principal(), core.nodes.get(node.nodeId)?.group ?? node.group)) return;
      // A console that does not keep up gets what is then the list, later.
      if (hasRoom()) push("containers-changed", { nodeId: node.nodeId, ...viewContainers(list) });
      else timer = core.clock.schedule(gatherTime, show);
    };
    owned.add(
      core.bus.subscribe("containers-changed", (changed) => {
        if (changed.nodeId === node.nodeId) timer ??= core.clock.schedule(gatherTime, show);
      }),
    );
    owned.add({ dispose: () => timer?.dispose() });
    return owned;
  }

  #systemMonitor({ nodeId, interval = defaultInterval }: Subscription): Disposable {
    const { core, push, hasRoom, principal } = this.#options;
    const owned = new DisposableStore();
    const node = nodeId === undefined ? undefined : core.nodes.get(nodeId);
    if (node === undefined) {
      owned.add(core.host.watch());
      const show = (): void => {
        const { cpu, ...rest } = core.host.latest;
        if (hasRoom()) push("system-monitor", { cpu: { usage: cpu.usage, cores: [...cpu.cores] }, ...rest });
      };
      show();
      owned.add(core.clock.repeat(interval, show));
      return owned;
    }
    if (interval < restInterval) owned.add(core.nodeWatch.watch(node.nodeId, interval));
    const show = (): void => {
      const sample = core.metrics.latest(node.key);
      if (sample === undefined || !hasRoom() || !maySeeGroup(principal(), node.group)) return;
      const { values } = viewSample(sample);
      const total = (values.memory_total ?? 0) / 1024;
      push("system-monitor", {
        nodeId: node.nodeId,
        cpu: { usage: values.cpu_usage ?? 0, cores: [] },
        memory: {
          total: Math.round(total),
          used: Math.round(total - (values.memory_available ?? 0) / 1024),
          usage: values.memory_usage ?? 0,
        },
        disk: { read: 0, write: 0 },
        network: { rx: values.network_rx ?? 0, tx: values.network_tx ?? 0 },
      });
    };
    show();
    owned.add(core.clock.repeat(interval, show));
    return owned;
  }
}

function keyOf({ topic, vmId = "", nodeId = "" }: Subscription): string {
  return `${topic}\n${vmId}\n${nodeId}`;
}

function isTopic(topic: string): topic is Topic {
  return topics.some((known) => known === topic);
}
