import { randomBytes } from "node:crypto";
import { PicketError } from "../../base/errors.ts";
import { longestPassword } from "./passwords.ts";

export const passwordClasses = ["uppercase", "lowercase", "digit", "special"] as const;
export type PasswordClass = (typeof passwordClasses)[number];

/** What passwords must be like. */
export interface PasswordPolicy {
  /** Characters. */
  readonly minLength: number;
  readonly maxLength: number;
  /** Kinds of characters of which each must occur. */
  readonly mustContain: readonly PasswordClass[];
  /** Days after which a password must be changed; 0: never. */
  readonly expiresAfterDays: number;
}

export const defaultPasswordPolicy: PasswordPolicy = {
  minLength: 10,
  maxLength: 256,
  mustContain: [],
  expiresAfterDays: 0,
};

/** What every password must be like, whoever may go round the policy. */
export const anyPassword: PasswordPolicy = {
  minLength: 1,
  maxLength: longestPassword,
  mustContain: [],
  expiresAfterDays: 0,
};

/** What is wrong with a password. */
export interface PasswordFaults {
  /** It is too short or too long. */
  readonly length: boolean;
  /** The kinds of characters that it lacks. */
  readonly missing: readonly PasswordClass[];
}

const patterns: Readonly<Record<PasswordClass, RegExp>> = {
  uppercase: /\p{Lu}/u,
  lowercase: /\p{Ll}/u,
  digit: /\p{Nd}/u,
  special: /[^\p{L}\p{N}]/u,
};

/** What a password lacks; undefined when it is good. */
export function passwordFaults(policy: PasswordPolicy, password: string): PasswordFaults | undefined {
  const length = password.length < policy.minLength || password.length > policy.maxLength;
  const missing = policy.mustContain.filter((kind) => !patterns[kind].test(password));
  return length || missing.length > 0 ? { length, missing } : undefined;
}

/** @throws {PicketError} `PASSWORD_TOO_WEAK`; its details say what is asked for */
export function requireGoodPassword(policy: PasswordPolicy, password: string): void {
  const faults = passwordFaults(policy, password);
  if (faults === undefined) return;
  const { minLength, maxLength } = policy;
  const sentences = [
    ...(faults.length ? [`it must have ${minLength} to ${maxLength} characters`] : []),
    ...(faults.missing.length > 0 ? [`it must contain: ${faults.missing.join(", ")}`] : []),
  ];
  throw new PicketError("PASSWORD_TOO_WEAK", { details: sentences.join("; ") });
}

/** A random password that is good: 120 bits, or as many as fit. */
export function makePassword(policy: PasswordPolicy): string {
  // Of the alphabet of base64url any kind may be missing by chance; these are not.
  const always = policy.mustContain.length === 0 ? "" : "-aA1";
  const length = Math.min(policy.maxLength, Math.max(20, policy.minLength));
  return (
    randomBytes(length)
      .toString("base64url")
      .slice(0, Math.max(0, length - always.length)) + always
  );
}

/** Whether a password that was set at `changedAt` (milliseconds since 1970) is too old. */
export function isPasswordExpired(policy: PasswordPolicy, changedAt: number, now: number): boolean {
  return policy.expiresAfterDays > 0 && now - changedAt > policy.expiresAfterDays * 86_400_000;
}
