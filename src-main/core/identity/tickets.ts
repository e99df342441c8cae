import type { Clock } from "../../base/clock.ts";
import { hashSecret, newSecret } from "./secrets.ts";

const lifetime = 10 * 60_000;
const maxTickets = 100;

/** One-time sign-ins for whoever sits at the machine: good once, for ten minutes, and kept only as hashes in memory. */
export class Tickets {
  readonly #clock: Clock;
  /** By hash: the user it signs in, and until when, on the monotonic clock. */
  readonly #tickets = new Map<string, { readonly userId: string; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(userId: string): string {
    const secret = newSecret();
    this.#tickets.set(hashSecret(secret), { userId, until: this.#clock.monotonicTime() + lifetime });
    for (const oldest of this.#tickets.keys()) {
      if (this.#tickets.size <= maxTickets) break;
      this.#tickets.delete(oldest);
    }
    return secret;
  }

  /** The user the ticket is for; a second time it is worth nothing. */
  redeem(ticket: string): string | undefined {
    const key = hashSecret(ticket);
    const known = this.#tickets.get(key);
    this.#tickets.delete(key);
    return known !== undefined && known.until > this.#clock.monotonicTime() ? known.userId : undefined;
  }
}
