import * as z from "zod/mini";
import { isErrorCode, PicketError } from "../../../src-main/base/errors.ts";
import {
  CoreUnreachableError,
  type Grant,
  type SignInCredentials,
  type SignInGate,
  type TextStore,
} from "../platform.ts";

const grantBody = z.object({ access_token: z.string(), expires_in: z.number() });
const errorBody = z.object({
  error: z.object({ code: z.string(), message: z.optional(z.string()), details: z.optional(z.string()) }),
});

const lockName = "picket.refresh";
const startedKey = "refresh-started";
/** A renewal that a reloaded page left behind has put its cookie in place after this, in milliseconds. */
const settleTime = 1_500;

/** Signing in over HTTP with the refresh token in a cookie that no script can read: docs/protocols/machines.md. */
export class BrowserSignInGate implements SignInGate {
  readonly #store: TextStore;

  /** @param store shared by all windows of the browser */
  constructor(store: TextStore) {
    this.#store = store;
  }

  async withPassword(credentials: SignInCredentials): Promise<Grant> {
    return readGrant(await post("login", { ...bodyOf(credentials), cookie: true }));
  }

  async withNewPassword(credentials: SignInCredentials, newPassword: string): Promise<Grant> {
    return readGrant(await post("password", { ...bodyOf(credentials), new_password: newPassword, cookie: true }));
  }

  async withTicket(ticket: string): Promise<Grant> {
    return readGrant(await post("ticket", { ticket, cookie: true }));
  }

  /** Windows of one browser share the cookie with the refresh token, which is good for one use: they take turns. */
  renew(): Promise<Grant | undefined> {
    // Browsers have locks only on pages with TLS and on this machine's own; elsewhere the mark has to do.
    const { locks } = navigator as { readonly locks?: LockManager };
    return locks === undefined ? this.#renewAlone() : locks.request(lockName, () => this.#renewAlone());
  }

  async signOut(): Promise<void> {
    await post("logout", {});
  }

  async #renewAlone(): Promise<Grant | undefined> {
    await this.#leftBehind();
    this.#store.write(startedKey, String(Date.now()));
    try {
      return await readGrant(await post("refresh", {}));
    } catch (error) {
      if (error instanceof PicketError && error.code === "UNAUTHORIZED") return undefined;
      throw error;
    } finally {
      this.#store.write(startedKey, undefined);
    }
  }

  /**
   * Somebody who reloads twice in a row leaves while the first renewal is on its way. Its request lives on and sets the
   * next cookie; to send the old one now would end the session.
   */
  async #leftBehind(): Promise<void> {
    for (;;) {
      const age = Date.now() - Number(this.#store.read(startedKey) ?? Number.NaN);
      if (!(age >= 0 && age < settleTime)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function bodyOf({ username, password, code }: SignInCredentials): object {
  return { username, password, ...(code === undefined ? {} : { totp: code }) };
}

async function post(call: "login" | "password" | "ticket" | "refresh" | "logout", body: object): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/auth/${call}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      keepalive: true,
    });
  } catch (error) {
    throw new CoreUnreachableError(error);
  }
  if (!response.ok) throw await readError(response);
  if (response.status === 202) throw new PicketError("TWO_FACTOR_REQUIRED");
  return response;
}

async function readGrant(response: Response): Promise<Grant> {
  const checked = z.safeParse(grantBody, await response.json());
  if (!checked.success) throw new PicketError("INVALID_MESSAGE");
  const coreTime = Date.parse(response.headers.get("date") ?? "");
  return {
    accessToken: checked.data.access_token,
    validFor: checked.data.expires_in * 1000,
    coreTime: Number.isNaN(coreTime) ? undefined : coreTime,
  };
}

async function readError(response: Response): Promise<Error> {
  const checked = z.safeParse(errorBody, await response.json().catch(() => undefined));
  // A proxy before the core speaks for itself: whoever answers so is not the core.
  if (!checked.success) return new CoreUnreachableError(new Error(`status ${response.status}`));
  const { code, message, details } = checked.data.error;
  return new PicketError(isErrorCode(code) ? code : "INTERNAL_ERROR", {
    ...(message === undefined ? {} : { message }),
    ...(details === undefined ? {} : { details }),
  });
}
