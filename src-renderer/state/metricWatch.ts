import { type Disposable, DisposableStore, toDisposable } from "../../src-main/base/disposable.ts";
import { Emitter } from "../../src-main/base/emitter.ts";
import type { NodeSample } from "../../src-main/protocols/machines/messages/nodes.ts";
import type { Watched } from "../platform/platform.ts";
import type { Fleet } from "./fleet.svelte.ts";
import type { Link } from "./link.svelte.ts";

export interface MetricWatchOptions {
  readonly link: Link;
  readonly fleet: Fleet;
  readonly visible: Watched<boolean>;
}

interface WatchedNode {
  readonly intervals: number[];
  /** The interval that the core was asked for. */
  active: number | undefined;
}

/**
 * Which nodes' numbers come in as they are measured: those that somebody looks at, as often as the most curious wants,
 * and none while the window is hidden.
 */
export class MetricWatch implements Disposable {
  readonly #link: Link;
  readonly #visible: Watched<boolean>;
  readonly #nodes = new Map<string, WatchedNode>();
  readonly #samples = new Emitter<{ readonly nodeId: string; readonly sample: NodeSample }>();
  readonly #owned = new DisposableStore();

  constructor({ link, fleet, visible }: MetricWatchOptions) {
    this.#link = link;
    this.#visible = visible;
    this.#owned.add(
      link.onPush("node-metrics", ({ nodeId, sample }) => {
        fleet.get(nodeId)?.sampled(sample);
        this.#samples.emit({ nodeId, sample });
      }),
    );
    this.#owned.add(
      link.onReady(() => {
        for (const node of this.#nodes.values()) node.active = undefined;
        this.#updateAll();
      }),
    );
    this.#owned.add(visible.onChange(() => this.#updateAll()));
  }

  /** Watches a node's numbers until disposed. */
  watch(nodeId: string, interval: number): Disposable {
    const node = this.#nodes.get(nodeId) ?? { intervals: [], active: undefined };
    this.#nodes.set(nodeId, node);
    node.intervals.push(interval);
    this.#update(nodeId, node);
    return toDisposable(() => {
      node.intervals.splice(node.intervals.indexOf(interval), 1);
      this.#update(nodeId, node);
      if (node.intervals.length === 0) this.#nodes.delete(nodeId);
    });
  }

  onSample(nodeId: string, listener: (sample: NodeSample) => void): Disposable {
    return this.#samples.subscribe((one) => {
      if (one.nodeId === nodeId) listener(one.sample);
    });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #updateAll(): void {
    for (const [nodeId, node] of this.#nodes) this.#update(nodeId, node);
  }

  #update(nodeId: string, node: WatchedNode): void {
    const wanted = this.#visible.value && node.intervals.length > 0 ? Math.min(...node.intervals) : undefined;
    const { client } = this.#link;
    if (wanted === node.active || client === undefined) return;
    node.active = wanted;
    const topic = { topic: "node-metrics", nodeId };
    // A node that was removed meanwhile has no numbers; the list says so.
    if (wanted === undefined) client.request("unsubscribe", topic).catch(() => {});
    else client.request("subscribe", { ...topic, interval: wanted }).catch(() => {});
  }
}
