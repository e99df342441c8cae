import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { PicketError } from "../../src-main/base/errors.ts";
import type { ResultOf } from "../../src-main/protocols/machines/messages.ts";
import type { Link } from "./link.svelte.ts";
import { Query } from "./query.svelte.ts";

export interface NodeFactsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly nodeId: string;
}

const pause = 2_000;
/** A node that is no agent of ours never tells. */
const attempts = 10;

/** What is known about a node's machine. An agent tells it some seconds after it came: until then it is asked for again. */
export class NodeFacts implements Disposable {
  readonly #query: Query<ResultOf<"node-get">>;
  readonly #owned = new DisposableStore();

  constructor({ link, clock, nodeId }: NodeFactsOptions) {
    this.#query = this.#owned.add(new Query(link, (client) => client.request("node-get", { nodeId })));
    let left = attempts;
    const timer = this.#owned.add(
      clock.repeat(pause, () => {
        left -= 1;
        if (left === 0 || (this.facts !== undefined && this.facts !== null)) timer.dispose();
        else if (this.facts === null && !this.#query.loading) void this.#query.reload();
      }),
    );
  }

  /** Null: the core knows none. Undefined: not answered yet. */
  get facts(): ResultOf<"node-get">["facts"] | undefined {
    return this.#query.data?.facts;
  }

  get error(): PicketError | undefined {
    return this.#query.error;
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
