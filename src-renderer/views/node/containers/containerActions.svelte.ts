import { SvelteMap } from "svelte/reactivity";
import { toPicketError } from "../../../../src-main/base/errors.ts";
import type { Container, ContainerAction } from "../../../../src-main/protocols/machines/messages/containers.ts";
import type { App } from "../../../state/app.ts";
import { containerLabel } from "./containerLabel.ts";

/** What is asked of a node's containers, and what of it is under way. */
export class ContainerActions {
  readonly #app: Pick<App, "i18n" | "link" | "toasts">;
  readonly #nodeId: string;
  readonly #running = new SvelteMap<string, ContainerAction>();

  constructor(app: Pick<App, "i18n" | "link" | "toasts">, nodeId: string) {
    this.#app = app;
    this.#nodeId = nodeId;
  }

  /** What is being done with a container now. */
  of(container: Container): ContainerAction | undefined {
    return this.#running.get(container.id);
  }

  /** Does it, and says how it ended. */
  async run(container: Container, action: ContainerAction): Promise<void> {
    const { i18n, toasts } = this.#app;
    try {
      await this.confirmed(container, action);
    } catch (thrown) {
      const error = toPicketError(thrown);
      const { message, remedy } = i18n.t.errors[error.code];
      toasts.failed(message, error.details ?? remedy);
    }
  }

  /** Does it for a dialog, which says itself why it failed. @throws {PicketError} */
  async confirmed(container: Container, action: ContainerAction): Promise<void> {
    const { i18n, link, toasts } = this.#app;
    this.#running.set(container.id, action);
    try {
      await link.request("container-act", { nodeId: this.#nodeId, container: container.id, action });
      toasts.done(i18n.t.containers.done[action](containerLabel(container, i18n.t)));
    } finally {
      this.#running.delete(container.id);
    }
  }
}
