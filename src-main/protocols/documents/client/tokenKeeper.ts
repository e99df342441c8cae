import type { Clock } from "../../../base/clock.ts";
import type { Disposable } from "../../../base/disposable.ts";
import { Emitter } from "../../../base/emitter.ts";
import type { DocumentCredentials } from "./credentials.ts";

export interface TokenKeeperOptions {
  readonly clock: Clock;
  /** Asks the server for a new token. Undefined: it says no. @throws when it could not be asked */
  readonly refresh: (credentials: DocumentCredentials) => Promise<DocumentCredentials | undefined>;
  /** Asks whoever knows the user. Undefined: nobody does. @throws when nobody could be asked */
  readonly renew: () => Promise<DocumentCredentials | undefined>;
}

/** A token is refreshed when this much of its life is left, at most. */
const longestMargin = 5 * 60_000;
const retryAfter = 15_000;

/** Keeps a token that is good: refreshes it before it ends, and asks for another when that is no longer possible. */
export class TokenKeeper implements Disposable {
  readonly #options: TokenKeeperOptions;
  readonly #changes = new Emitter<DocumentCredentials | undefined>();
  #credentials: DocumentCredentials | undefined;
  #refreshAt = 0;
  #timer: Disposable | undefined;
  #renewing: Promise<DocumentCredentials | undefined> | undefined;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  get credentials(): DocumentCredentials | undefined {
    return this.#credentials;
  }

  onChanged(listener: (credentials: DocumentCredentials | undefined) => void): Disposable {
    return this.#changes.subscribe(listener);
  }

  use(credentials: DocumentCredentials | undefined): void {
    const { clock } = this.#options;
    this.#timer?.dispose();
    this.#timer = undefined;
    const changed = credentials?.token !== this.#credentials?.token;
    this.#credentials = credentials;
    if (credentials !== undefined) {
      const lifetime = Math.max(0, credentials.expiresAt - clock.wallTime());
      const margin = Math.min(longestMargin, lifetime / 5);
      this.#refreshAt = credentials.expiresAt - margin;
      this.#schedule(lifetime - margin);
    }
    if (changed) this.#changes.emit(credentials);
  }

  /** Credentials that are good as far as the clock knows. Undefined: nobody is signed in. */
  current(): Promise<DocumentCredentials | undefined> {
    const now = this.#options.clock.wallTime();
    const credentials = this.#credentials;
    if (credentials !== undefined && now < this.#refreshAt) return Promise.resolve(credentials);
    return this.#better(credentials);
  }

  /** The server does not take this token, whatever the clock says. */
  rejected(token: string): Promise<DocumentCredentials | undefined> {
    if (this.#credentials !== undefined && this.#credentials.token !== token) return Promise.resolve(this.#credentials);
    return this.#once(() => this.#renew());
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  #schedule(delay: number): void {
    this.#timer = this.#options.clock.schedule(delay, () => {
      this.#timer = undefined;
      this.#better(this.#credentials).catch(() => {
        // Not reachable now. Requests ask again by themselves; without any, later.
        if (this.#timer === undefined && this.#credentials !== undefined) this.#schedule(retryAfter);
      });
    });
  }

  async #better(credentials: DocumentCredentials | undefined): Promise<DocumentCredentials | undefined> {
    return await this.#once(async () => {
      const isOver = credentials === undefined || this.#options.clock.wallTime() >= credentials.expiresAt;
      const refreshed = isOver ? undefined : await this.#options.refresh(credentials);
      if (refreshed === undefined) return await this.#renew();
      this.use(refreshed);
      return refreshed;
    });
  }

  async #renew(): Promise<DocumentCredentials | undefined> {
    const renewed = await this.#options.renew();
    this.use(renewed);
    return renewed;
  }

  /** However many ask, one asks the server. */
  async #once(task: () => Promise<DocumentCredentials | undefined>): Promise<DocumentCredentials | undefined> {
    this.#renewing ??= task().finally(() => {
      this.#renewing = undefined;
    });
    return await this.#renewing;
  }
}
