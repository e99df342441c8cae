import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A random text of 256 bits that is safe in URLs and shells. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** A short public id: it may stand in logs and lists, the secret beside it may not. */
export function newPublicId(): string {
  return randomBytes(6).toString("hex");
}

/** What is stored of a random secret. With 256 bits of chance in it, a plain hash cannot be searched back. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares in a time that does not depend on where the difference is. */
export function secretMatches(secret: string, storedHash: string): boolean {
  const given = Buffer.from(hashSecret(secret));
  const stored = Buffer.from(storedHash);
  return given.length === stored.length && timingSafeEqual(given, stored);
}

/** Tokens say what they are (`pkt_enrol_…`), carry their id for lists and logs, and the secret apart from it. */
export function formatToken(kind: string, id: string, secret: string): string {
  return `pkt_${kind}_${id}_${secret}`;
}

export function parseToken(kind: string, token: string): { readonly id: string; readonly secret: string } | undefined {
  const match = /^pkt_([a-z]+)_([0-9a-f]+)_([\w-]+)$/.exec(token);
  const [, foundKind, id, secret] = match ?? [];
  if (foundKind !== kind || id === undefined || secret === undefined) return undefined;
  return { id, secret };
}
