import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";

/** Something that is asked of a documents server and shown. The answer to an older question is dropped. */
export class DeskQuery<T> {
  readonly #load: () => Promise<T>;
  #generation = 0;
  #data = $state.raw<T | undefined>();
  #error = $state.raw<PicketError | undefined>();
  #loading = $state(false);

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  get data(): T | undefined {
    return this.#data;
  }

  /** Why there is no newer answer. */
  get error(): PicketError | undefined {
    return this.#error;
  }

  get loading(): boolean {
    return this.#loading;
  }

  async reload(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#loading = true;
    try {
      const data = await this.#load();
      if (generation !== this.#generation) return;
      this.#data = data;
      this.#error = undefined;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      this.#error = toPicketError(thrown);
    }
    this.#loading = false;
  }
}
