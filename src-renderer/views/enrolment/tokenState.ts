import type { EnrolmentToken } from "../../../src-main/protocols/machines/messages/enrolment.ts";

export type TokenState = "open" | "usedUp" | "expired" | "revoked";

/** Whether a token still lets a machine in, and if not, why. */
export function tokenState(token: EnrolmentToken, now: number): TokenState {
  if (token.revokedAt !== null) return "revoked";
  if (token.used >= token.uses) return "usedUp";
  return token.expiresAt !== null && token.expiresAt <= now ? "expired" : "open";
}
