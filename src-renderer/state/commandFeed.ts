import { type Disposable, toDisposable } from "../../src-main/base/disposable.ts";
import type { Command } from "../../src-main/protocols/machines/messages/commands.ts";
import type { Link } from "./link.svelte.ts";

/** Changes of commands, as they happen, while somebody listens. */
export class CommandFeed {
  readonly #link: Link;
  #listeners = 0;
  #subscription: Disposable | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  onChange(listener: (command: Command) => void): Disposable {
    this.#listeners += 1;
    this.#subscription ??= this.#link.keepSubscribed({ topic: "commands" });
    const heard = this.#link.onPush("command-changed", ({ command }) => listener(command));
    return toDisposable(() => {
      heard.dispose();
      this.#listeners -= 1;
      if (this.#listeners > 0) return;
      this.#subscription?.dispose();
      this.#subscription = undefined;
    });
  }
}
