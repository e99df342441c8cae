import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { MachinesClient } from "../../src-main/protocols/machines/client.ts";
import type { Node } from "../../src-main/protocols/machines/messages/nodes.ts";
import type { Link } from "./link.svelte.ts";
import { NodeEntry } from "./nodeEntry.svelte.ts";

const pageSize = 500;
/** Changes are shown this much later, together: a thousand nodes that come back are one new order, not a thousand. */
const gatherTime = 100;

/** Every node that the user may see. */
export class Fleet implements Disposable {
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  readonly #entries = new Map<string, NodeEntry>();
  #revision = $state(0);
  #loaded = $state(false);
  #timer: Disposable | undefined;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    this.#owned.add(link.onPush("node-changed", ({ node }) => this.#put(node)));
    this.#owned.add(link.onPush("node-removed", ({ nodeId }) => this.#remove(nodeId)));
    this.#owned.add(link.keepSubscribed({ topic: "nodes" }));
    this.#owned.add(link.onReady((client) => void this.#load(client)));
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  /** True once all nodes were there at least once. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** All nodes; follows what was added, removed or changed, but not their numbers. */
  get entries(): readonly NodeEntry[] {
    void this.#revision;
    return [...this.#entries.values()];
  }

  /** The groups that nodes are in, in their order. */
  get groups(): readonly string[] {
    return [...new Set(this.entries.map(({ record }) => record.group))].sort();
  }

  get(nodeId: string): NodeEntry | undefined {
    void this.#revision;
    return this.#entries.get(nodeId);
  }

  /** The answer of a request that changed a node: shown before the push about it arrives. */
  put(node: Node): void {
    this.#put(node);
  }

  /** Takes newer numbers of nodes that nobody watches, a page at a time. Returns where the next page begins. */
  async refreshPage(after: string | undefined): Promise<string | undefined> {
    const page = await this.#link.request("node-list", {
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const node of page.nodes) this.#put(node);
    return page.next ?? undefined;
  }

  /** Somebody else signs in: nothing that the one before saw stays. */
  clear(): void {
    this.#entries.clear();
    this.#loaded = false;
    this.#revision += 1;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #load(client: MachinesClient): Promise<void> {
    const seen = new Set<string>();
    const known = [...this.#entries.keys()];
    let after: string | undefined;
    try {
      do {
        const page = await client.request("node-list", {
          limit: pageSize,
          ...(after === undefined ? {} : { after }),
        });
        for (const node of page.nodes) {
          seen.add(node.nodeId);
          this.#put(node);
        }
        after = page.next ?? undefined;
      } while (after !== undefined);
    } catch {
      // The connection is gone; the next one loads again.
      return;
    }
    if (this.#link.client !== client) return;
    // What was removed while nobody listened.
    for (const nodeId of known) if (!seen.has(nodeId)) this.#entries.delete(nodeId);
    this.#loaded = true;
    this.#revision += 1;
  }

  #put(node: Node): void {
    const known = this.#entries.get(node.nodeId);
    if (known === undefined) this.#entries.set(node.nodeId, new NodeEntry(node));
    else known.update(node);
    this.#changed();
  }

  #remove(nodeId: string): void {
    if (this.#entries.delete(nodeId)) this.#changed();
  }

  #changed(): void {
    this.#timer ??= this.#clock.schedule(gatherTime, () => {
      this.#timer = undefined;
      this.#revision += 1;
    });
  }
}
