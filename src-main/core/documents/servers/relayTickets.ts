import type { Clock } from "../../../base/clock.ts";
import type { Principal } from "../../identity/principal.ts";
import { hashSecret, newSecret } from "../../identity/secrets.ts";

export interface RelayTicket {
  readonly serverId: string;
  readonly principal: Principal;
}

const lifetime = 60_000;
const maxTickets = 1_000;

/** One-time ways in to the relay: a browser's WebSocket carries no header, and an access token has no place in a URL. */
export class RelayTickets {
  readonly #clock: Clock;
  /** By hash, with the end on the monotonic clock. */
  readonly #tickets = new Map<string, RelayTicket & { readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(ticket: RelayTicket): string {
    const secret = newSecret();
    this.#tickets.set(hashSecret(secret), { ...ticket, until: this.#clock.monotonicTime() + lifetime });
    for (const oldest of this.#tickets.keys()) {
      if (this.#tickets.size <= maxTickets) break;
      this.#tickets.delete(oldest);
    }
    return secret;
  }

  /** What the ticket is for; a second time it is worth nothing. */
  redeem(ticket: string): RelayTicket | undefined {
    const key = hashSecret(ticket);
    const known = this.#tickets.get(key);
    this.#tickets.delete(key);
    return known !== undefined && known.until > this.#clock.monotonicTime() ? known : undefined;
  }
}
