import { PicketError } from "../../../base/errors.ts";
import type { Principal } from "../../../core/identity/principal.ts";
import type { twoFactorRequests } from "../messages/twoFactor.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";

export const twoFactorHandlers: Handlers<keyof typeof twoFactorRequests> = {
  "two-factor-status": {
    role: "viewer",
    target: noTarget,
    handle: (_, { core, principal }) => core.twoFactor.status(principal.userId),
  },
  "two-factor-set-up": {
    role: "viewer",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle(_, { core, principal }) {
      const { backupCodes, ...setUp } = await core.twoFactor.setUp(principal.userId);
      return { ...setUp, backupCodes: [...backupCodes] };
    },
  },
  "two-factor-confirm": {
    role: "viewer",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle({ code }, { core, principal }) {
      await core.twoFactor.confirm(principal.userId, code);
      return {};
    },
  },
  "two-factor-disable": {
    role: "viewer",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle(proof, { core, principal }) {
      if (!(await isProven(proof, { core, principal }))) {
        throw new PicketError("INVALID_CREDENTIALS", { message: "The password or the code is wrong." });
      }
      await core.twoFactor.disable(principal.userId);
      return {};
    },
  },
  "two-factor-cancel": {
    role: "viewer",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle(_, { core, principal }) {
      await core.twoFactor.cancelSetUp(principal.userId);
      return {};
    },
  },
};

/** A signed-in console that somebody left open is not enough to take the second factor away. */
function isProven(
  { password, code }: { readonly password?: string | undefined; readonly code?: string | undefined },
  { core, principal }: { readonly core: RequestContext["core"]; readonly principal: Principal },
): Promise<boolean> {
  if (password !== undefined) return core.sessions.confirmPassword(principal, password);
  if (code !== undefined) return core.sessions.confirmCode(principal, code);
  throw new PicketError("INVALID_PARAMS", { details: "data: the password or a code is needed" });
}
