import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { NodeRegistry } from "./nodeRegistry.ts";

/** What a node reports at when nobody looks, in milliseconds. */
const restInterval = 5_000;

/** Nodes report faster while somebody watches them, as fast as the most impatient watcher wants. */
export class NodeWatch {
  readonly #nodes: NodeRegistry;
  readonly #watchers = new Map<string, Set<{ readonly interval: number }>>();

  constructor(nodes: NodeRegistry) {
    this.#nodes = nodes;
  }

  watch(nodeId: string, interval: number): Disposable {
    const watcher = { interval };
    const watchers = this.#watchers.get(nodeId) ?? new Set();
    this.#change(nodeId, () => this.#watchers.set(nodeId, watchers.add(watcher)));
    return toDisposable(() => {
      this.#change(nodeId, () => {
        watchers.delete(watcher);
        if (watchers.size === 0) this.#watchers.delete(nodeId);
      });
    });
  }

  /** A node came (back) and reports at its resting pace. */
  nodeConnected(nodeId: string): void {
    const interval = this.#interval(nodeId);
    if (interval !== restInterval) this.#nodes.linkOf(nodeId)?.setMetricsInterval(interval);
  }

  #change(nodeId: string, change: () => void): void {
    const before = this.#interval(nodeId);
    change();
    const after = this.#interval(nodeId);
    if (before !== after) this.#nodes.linkOf(nodeId)?.setMetricsInterval(after);
  }

  #interval(nodeId: string): number {
    const wanted = Array.from(this.#watchers.get(nodeId) ?? [], ({ interval }) => interval);
    return Math.max(1_000, Math.min(restInterval, ...wanted));
  }
}
