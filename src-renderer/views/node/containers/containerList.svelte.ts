import { type Disposable, DisposableStore } from "../../../../src-main/base/disposable.ts";
import type { PicketError } from "../../../../src-main/base/errors.ts";
import type { Container, ContainerList } from "../../../../src-main/protocols/machines/messages/containers.ts";
import type { Link } from "../../../state/link.svelte.ts";
import { Query } from "../../../state/query.svelte.ts";

/** The containers of a node, kept up while the page shows them. */
export class NodeContainers implements Disposable {
  readonly #query: Query<ContainerList>;
  readonly #owned = new DisposableStore();

  constructor(link: Link, nodeId: string) {
    this.#owned.add(link.keepSubscribed({ topic: "containers", nodeId }));
    this.#query = this.#owned.add(new Query(link, (client) => client.request("container-list", { nodeId })));
    this.#owned.add(
      link.onPush("containers-changed", ({ nodeId: changed, engine, containers }) => {
        if (changed === nodeId) this.#query.set({ engine, containers });
      }),
    );
    this.#owned.add(
      link.onPush("node-changed", ({ node }) => {
        if (node.nodeId === nodeId && node.status === "online") void this.#query.reload();
      }),
    );
  }

  /** Undefined: not answered yet. */
  get list(): ContainerList | undefined {
    return this.#query.data;
  }

  /** By name. */
  readonly sorted = $derived.by(() =>
    [...(this.list?.containers ?? [])].sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1)),
  );

  get error(): PicketError | undefined {
    return this.#query.error;
  }

  find(id: string): Container | undefined {
    return this.list?.containers.find((container) => container.id === id);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
