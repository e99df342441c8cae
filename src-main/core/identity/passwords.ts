import { PicketError } from "../../base/errors.ts";

const shortest = 10;
const longest = 256;

/**
 * Argon2id with the package's defaults (19 MiB, two passes). The package is loaded at the first sign-in: an idle core
 * does not carry it.
 */
export async function hashPassword(password: string): Promise<string> {
  const { hash } = await import("@node-rs/argon2");
  return hash(password);
}

export async function passwordMatches(password: string, storedHash: string): Promise<boolean> {
  if (password.length > longest) return false;
  const { verify } = await import("@node-rs/argon2");
  return verify(storedHash, password);
}

/** @throws {PicketError} `PASSWORD_TOO_WEAK` */
export function checkPassword(password: string): void {
  if (password.length >= shortest && password.length <= longest) return;
  throw new PicketError("PASSWORD_TOO_WEAK", { details: `it must have ${shortest} to ${longest} characters` });
}
