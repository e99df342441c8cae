import { randomBytes } from "node:crypto";
import { generateURI, NobleCryptoPlugin, ScureBase32Plugin, verifySync } from "otplib";

/** Seconds that a code stands for: RFC 6238. */
const period = 30;
const secretBytes = 20;

const crypto = new NobleCryptoPlugin();
const base32 = new ScureBase32Plugin();

/** A new secret: base32, 32 characters. */
export function newTotpSecret(): string {
  return base32.encode(randomBytes(secretBytes));
}

/** The time step that a moment (milliseconds since 1970) lies in. */
export function stepAt(time: number): number {
  return Math.floor(time / 1000 / period);
}

/** The time step that a code of six digits stands for, of the present one and its neighbours; undefined for no code. */
export function matchingStep(secret: string, code: string, time: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const epoch = Math.max(period, time / 1000);
  const result = verifySync({ secret, token: code, epoch, period, epochTolerance: period, crypto, base32 });
  return result.valid && "timeStep" in result ? result.timeStep : undefined;
}

export interface TotpName {
  readonly secret: string;
  /** What the authenticator shows beside the name. */
  readonly issuer: string;
  readonly username: string;
}

/** The `otpauth://totp/` address that authenticators read from a QR code. */
export function totpUri({ secret, issuer, username }: TotpName): string {
  return generateURI({ secret, issuer, label: username });
}
