import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { describeError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Bus } from "./bus.ts";
import type { Topic, Topics } from "./topics.ts";

/** The bus of a single process: a listener is called before `publish` returns. */
export class LocalBus implements Bus {
  readonly #emitters = new Map<Topic, Emitter<unknown>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  publish<T extends Topic>(topic: T, payload: Topics[T]): void {
    this.#emitters.get(topic)?.emit(payload);
  }

  subscribe<T extends Topic>(topic: T, listener: (payload: Topics[T]) => void): Disposable {
    let emitter = this.#emitters.get(topic);
    if (emitter === undefined) {
      emitter = new Emitter<unknown>((error) =>
        this.#logger.error("a bus listener failed", { topic, error: describeError(error) }),
      );
      this.#emitters.set(topic, emitter);
    }
    // The map is by topic, so what arrives here is that topic's payload.
    return emitter.subscribe((payload) => listener(payload as Topics[T]));
  }
}
