/** Characters: no policy can ask for more, and nothing longer is ever hashed. */
export const longestPassword = 1024;

/**
 * Argon2id with the package's defaults (19 MiB, two passes). The package is loaded at the first sign-in: an idle core
 * does not carry it.
 */
export async function hashPassword(password: string): Promise<string> {
  const { hash } = await import("@node-rs/argon2");
  return hash(password);
}

export async function passwordMatches(password: string, storedHash: string): Promise<boolean> {
  if (password.length > longestPassword) return false;
  const { verify } = await import("@node-rs/argon2");
  return verify(storedHash, password);
}
