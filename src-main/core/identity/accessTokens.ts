import { jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../base/clock.ts";

/** How long an access token is good, in seconds. */
export const accessTokenLifetime = 3600;

const issuer = "picket";
const algorithm = "HS256";

export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Signs and checks access tokens. They say who and which session; what that one may do is looked up every time. */
export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  constructor(key: Uint8Array, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  sign(userId: string, sessionId: string): Promise<string> {
    const now = Math.floor(this.#clock.wallTime() / 1000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: algorithm })
      .setIssuer(issuer)
      .setSubject(userId)
      .setIssuedAt(now)
      .setExpirationTime(now + accessTokenLifetime)
      .sign(this.#key);
  }

  /** The claims of a token that is ours and in force, or undefined. */
  async verify(token: string): Promise<AccessClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        issuer,
        algorithms: [algorithm],
        currentDate: new Date(this.#clock.wallTime()),
        requiredClaims: ["sub", "exp"],
      });
      const { sub, exp } = payload;
      const sid = payload["sid"];
      if (typeof sub !== "string" || typeof sid !== "string" || exp === undefined) return undefined;
      return { userId: sub, sessionId: sid, expiresAt: exp * 1000 };
    } catch {
      return undefined;
    }
  }
}
