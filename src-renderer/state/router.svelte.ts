import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { AddressBar } from "../platform/platform.ts";
import { addressOf, parseRoute, type Route } from "./routes.ts";

/** Where the user is. */
export class Router implements Disposable {
  readonly #address: AddressBar;
  readonly #owned = new DisposableStore();
  #route = $state.raw<Route>({ page: "nodes" });

  constructor(address: AddressBar) {
    this.#address = address;
    this.#route = parseRoute(address.fragment.value);
    this.#owned.add(
      address.fragment.onChange((fragment) => {
        this.#route = parseRoute(fragment);
      }),
    );
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    this.#address.go(addressOf(route).slice(1));
  }

  /** Without a step in the history: what was before is not a place to come back to. */
  replace(route: Route): void {
    this.#address.replace(addressOf(route).slice(1));
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
