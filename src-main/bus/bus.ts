import type { Disposable } from "../base/disposable.ts";
import type { Topic, Topics } from "./topics.ts";

/** Carries topics to whoever subscribed, in this process or, with a driver for it, in all of them. */
export interface Bus {
  publish<T extends Topic>(topic: T, payload: Topics[T]): void;
  subscribe<T extends Topic>(topic: T, listener: (payload: Topics[T]) => void): Disposable;
}
