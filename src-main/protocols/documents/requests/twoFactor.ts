import { PicketError } from "../../../base/errors.ts";
import { refusalDelay } from "../../../core/identity/authentication.ts";
import type { twoFactorActions } from "../messages/twoFactor.ts";
import type { DataOf } from "../messages.ts";
import { Refusal } from "../refusal.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { isSelf, refuseWhen, requireMayTouch } from "./people.ts";

const method = "totp";
/** What authenticators show beside the name. */
const issuer = "CFMS";
const denied = "You do not have permission to manage other users' two-factor authentication";

export const twoFactorHandlers: Handlers<keyof typeof twoFactorActions> = {
  setup_2fa: {
    access: "user",
    async handle(_, { core, user }) {
      const { secret, uri, backupCodes } = await core.twoFactor
        .setUp(user.userId, issuer)
        .catch(
          refuseWhen(
            "CONFLICT",
            () => new Refusal(400, "Two-factor authentication is already enabled. Please cancel it first.", { method }),
          ),
        );
      return {
        message: "Two-factor authentication setup initiated. Please verify with your authenticator app.",
        data: { secret, provisioning_uri: uri, backup_codes: [...backupCodes] },
      };
    },
  },
  validate_2fa: {
    access: "user",
    lockdownOpen: true,
    async handle({ token: code }, { core, user }) {
      await core.twoFactor.confirm(user.userId, code).catch(refuseValidation);
      return { message: "Two-factor authentication enabled successfully", data: { method } };
    },
  },
  disable_2fa: {
    access: "user",
    permission: ({ target }, user) => (target === undefined || isSelf(target, user) ? undefined : "manage_2fa"),
    denied,
    target: ({ target }) => target,
    async handle(data, context) {
      context.note.data = {};
      const { core, user } = context;
      const userId =
        data.target === undefined || isSelf(data.target, user)
          ? await proveSelf(data, context)
          : await requireTarget(data.target, context);
      await core.twoFactor
        .disable(userId)
        .catch(refuseWhen("CONFLICT", () => new Refusal(400, "Two-factor authentication is not enabled")));
      return { message: "Two-factor authentication disabled successfully", data: {} };
    },
  },
  cancel_2fa_setup: {
    access: "user",
    async handle(_, { core, user }) {
      await core.twoFactor
        .cancelSetUp(user.userId)
        .catch(refuseWhen("CONFLICT", () => new Refusal(400, "No pending two-factor authentication setup to cancel.")));
      return { message: "Two-factor authentication setup cancelled", data: {} };
    },
  },
  get_2fa_status: {
    access: "user",
    permission: ({ target }, user) =>
      (target ?? undefined) === undefined || isSelf(target ?? "", user) ? undefined : "manage_2fa",
    denied,
    target: ({ target }) => target,
    async handle({ target }, { core, user }) {
      const found = (target ?? undefined) === undefined ? undefined : await core.users.find(target ?? "");
      if ((target ?? undefined) !== undefined && found === undefined) throw new Refusal(404, "Target user not found");
      const { enabled, pending, backupCodesLeft } = await core.twoFactor.status(found?.id ?? user.userId);
      return {
        message: "Two-factor authentication status retrieved",
        data: { enabled, method: enabled ? method : null, pending, backup_codes_count: backupCodesLeft },
      };
    },
  },
};

/** Whoever found an open client must not take the second factor away with it. */
async function proveSelf(
  { token: code, password }: DataOf<"disable_2fa">,
  { core, user, session }: UserContext,
): Promise<string> {
  const { enabled } = await core.twoFactor.status(user.userId);
  if (!enabled) throw new Refusal(400, "Two-factor authentication is not enabled");
  if (code === undefined && password === undefined) {
    throw new Refusal(400, "Missing required field: token", { validator: "required", validator_value: ["token"] });
  }
  const proven =
    code === undefined
      ? await core.sessions.confirmPassword(user, password ?? "")
      : await core.sessions.confirmCode(user, code);
  if (proven) return user.userId;
  await session.delay(refusalDelay);
  throw new Refusal(401, code === undefined ? "Invalid password" : "Invalid verification code");
}

async function requireTarget(username: string, { core, user }: UserContext): Promise<string> {
  const target = await core.users.find(username);
  if (target === undefined) throw new Refusal(404, "Target user not found");
  requireMayTouch(user, target, denied);
  return target.id;
}

function refuseValidation(thrown: unknown): never {
  if (!(thrown instanceof PicketError)) throw thrown;
  if (thrown.code === "INVALID_CREDENTIALS") throw new Refusal(401, "Invalid verification code");
  if (thrown.code === "CONFLICT" && thrown.details === "not set up") {
    throw new Refusal(400, "Two-factor authentication has not been set up. Please set it up first.");
  }
  if (thrown.code === "CONFLICT") throw new Refusal(400, "Two-factor authentication is already enabled.", { method });
  throw thrown;
}
