import { isIP } from "node:net";
import { hostname } from "node:os";

/**
 * Which names this core answers to. A page on another site can make a browser send requests here under its own name
 * (DNS rebinding); an address, this machine's name and what the administrator allows are the only names that are ours.
 */
export class HostPolicy {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowed further names: the one of a reverse proxy, of a certificate */
  constructor(allowed: readonly string[]) {
    const own = hostname().toLowerCase();
    this.#allowed = new Set(["localhost", own, `${own}.local`, ...allowed.map((name) => name.toLowerCase())]);
  }

  /** @param host a Host header, with or without a port */
  allowsHost(host: string | undefined): boolean {
    const name = nameOf(host);
    return name !== undefined && (isIP(name) !== 0 || this.#allowed.has(name) || name.endsWith(".localhost"));
  }

  /**
   * A browser says where the page that asks comes from. Only pages of this very core may; who sends no Origin is no
   * browser, and has no cookies to be tricked out of.
   */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true;
    if (host === undefined || !URL.canParse(origin)) return false;
    return new URL(origin).host.toLowerCase() === host.toLowerCase();
  }
}

function nameOf(host: string | undefined): string | undefined {
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  const { hostname: name, username, pathname } = new URL(`http://${host}`);
  if (username !== "" || pathname !== "/") return undefined;
  return name.replace(/^\[|\]$/g, "").toLowerCase();
}
