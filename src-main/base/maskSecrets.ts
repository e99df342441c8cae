const secretKey =
  /token|passw(or)?d|secret|authorization|cookie|api_?key|private_?key|signature|credential|ticket|backup_?codes|provisioning_?uri|^task_?id$/i;
/** JSON web tokens and Picket's own tokens, wherever they stand, and secrets in a URL's query. */
const secretText =
  /eyJ[\w-]{10,}\.[\w-]+\.[\w-]+|pkt_[a-z]+_[\w-]+|([?&#](?:token|ticket|password|secret|key)=)[^&\s"']+/g;

const mask = "‹masked›";

/** A copy of `value` in which everything that looks like a secret is replaced. Depth and size are the caller's matter. */
export function maskSecrets<T>(value: T): T {
  return masked(value, undefined) as T;
}

function masked(value: unknown, key: string | undefined): unknown {
  if (key !== undefined && secretKey.test(key) && (typeof value === "string" || typeof value === "object")) {
    return value === null ? null : mask;
  }
  if (typeof value === "string") return value.replace(secretText, (_, query?: string) => `${query ?? ""}${mask}`);
  if (Array.isArray(value)) return value.map((item) => masked(item, undefined));
  if (value instanceof Error || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item, name)]));
}
