import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { Watched } from "../platform/platform.ts";
import type { Preferences } from "./preferences.svelte.ts";

/** Light or dark, as the user or the system wants it. */
export class Appearance implements Disposable {
  readonly #preferences: Preferences;
  readonly #owned = new DisposableStore();
  #systemDark = $state(false);

  constructor(preferences: Preferences, prefersDark: Watched<boolean>) {
    this.#preferences = preferences;
    this.#systemDark = prefersDark.value;
    this.#owned.add(
      prefersDark.onChange((dark) => {
        this.#systemDark = dark;
      }),
    );
  }

  get theme(): "light" | "dark" {
    const { theme } = this.#preferences;
    if (theme !== "system") return theme;
    return this.#systemDark ? "dark" : "light";
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
