import { type Disposable, DisposableStore } from "../../../src-main/base/disposable.ts";
import type { ResultOf } from "../../../src-main/protocols/machines/messages.ts";
import type { Link } from "../../state/link.svelte.ts";
import { Query } from "../../state/query.svelte.ts";

/** The rooms of this core as they are now. */
export class RoomsHere implements Disposable {
  /** Those with somebody in them. */
  readonly open: Query<ResultOf<"room-members">>;
  /** Every room that was ever made; undefined for who may not know them. */
  readonly all: Query<ResultOf<"room-list">> | undefined;
  readonly #owned = new DisposableStore();

  constructor(link: Link, mayList: boolean) {
    this.open = this.#owned.add(new Query(link, (client) => client.request("room-members", {})));
    this.all = mayList ? this.#owned.add(new Query(link, (client) => client.request("room-list", {}))) : undefined;
    this.#owned.add(link.keepSubscribed({ topic: "rooms" }));
    this.#owned.add(
      link.onPush("rooms-changed", () => {
        void this.open.reload();
        void this.all?.reload();
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
