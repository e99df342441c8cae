import { PicketError } from "../../../base/errors.ts";
import type { Core } from "../../../core/core.ts";
import { refusalDelay } from "../../../core/identity/authentication.ts";
import { passwordFaults } from "../../../core/identity/passwordPolicy.ts";
import type { authActions } from "../messages/auth.ts";
import type { DataOf } from "../messages.ts";
import { Refusal } from "../refusal.ts";
import type { EitherContext, Handlers, OpenContext, RequestSession } from "./handler.ts";
import { refuseWhen, requireMayTouch, requireUser } from "./people.ts";

const deniedPassword = "You do not have permission to set user password";

export const authHandlers: Handlers<keyof typeof authActions> = {
  login: {
    access: "open",
    lockdownOpen: true,
    target: ({ username }) => username,
    async handle({ username, password, "2fa_token": code }, { core, session, note }) {
      note.data = {};
      const { token, expiresAt, user } = await core.documentTokens
        .signIn({ username, password, code }, originOf(session))
        .catch((thrown) => refuseSignIn(thrown, session));
      note.actor = user.username;
      const { nickname, avatarDocumentId } = (await core.users.get(user.userId)) ?? {};
      return {
        message: "Login successful",
        data: {
          token,
          exp: expiresAt / 1000,
          nickname: nickname ?? null,
          permissions: [...user.rights.permissions].sort(),
          groups: [...user.rights.groups].sort(),
          avatar_id: avatarDocumentId ?? null,
        },
      };
    },
  },
  refresh_token: {
    access: "user",
    lockdownOpen: true,
    async handle(_, { core, request }) {
      const { token, expiresAt } = await core.documentTokens.refresh(request.username, request.token);
      return { message: "Token refreshed successfully", data: { token, exp: expiresAt / 1000 } };
    },
  },
  set_passwd: {
    access: "either",
    // With the old password the envelope is not looked at: whoever may not log in yet has nothing to put there.
    needsUser: ({ old_passwd: old }, { username }) => (old ?? undefined) === undefined && username !== "",
    permission: "super_set_passwd",
    denied: deniedPassword,
    target: ({ username }) => username,
    async handle(data, context) {
      context.note.data = {};
      if ((data.old_passwd ?? undefined) !== undefined) await changeOwnPassword(data, context);
      else await setPassword(data, context);
      return { message: "Password set successfully", data: {} };
    },
  },
  list_sessions: {
    access: "user",
    async handle(_, { core, user }) {
      const sessions = await core.sessions.list(user.userId);
      return {
        message: "Sessions retrieved successfully",
        data: {
          sessions: sessions.map(({ id, kind, createdAt, usedAt, expiresAt, address, userAgent }) => ({
            session_id: id,
            kind,
            current: id === user.sessionId,
            created_time: createdAt / 1000,
            last_used: usedAt / 1000,
            end_time: expiresAt / 1000,
            address,
            user_agent: userAgent,
          })),
        },
      };
    },
  },
  revoke_session: {
    access: "user",
    target: ({ session_id: id }) => id,
    async handle({ session_id: id }, { core, user }) {
      await core.sessions.revoke(user, id);
      return { message: "Session revoked successfully", data: {} };
    },
  },
};

async function changeOwnPassword(data: DataOf<"set_passwd">, { core, session, note }: OpenContext): Promise<void> {
  const { username, old_passwd: old, new_passwd: newPassword, "2fa_token": code } = data;
  if (data.force_update_after_login === true || data.bypass_passwd_requirements === true) {
    throw new Refusal(400, "These options are only for setting other user's password");
  }
  await core.sessions
    .changePassword({
      credentials: { username, password: old ?? "", code },
      newPassword,
      origin: originOf(session),
      permit: async (user) => {
        note.actor = user.username;
        const { permissions } = await core.permissions.of(user.id);
        if (!permissions.has("set_passwd") && !permissions.has("super_set_passwd")) {
          throw new Refusal(403, "You do not have permission to change your own password");
        }
        requireGoodPassword(core, newPassword);
      },
    })
    .catch(refuseSamePassword)
    .catch((thrown) => refuseSignIn(thrown, session));
}

async function setPassword(data: DataOf<"set_passwd">, { core, user }: EitherContext): Promise<void> {
  if (user === undefined) throw new Refusal(400, "Operator is required when setting other user password");
  const target = await requireUser(core, data.username);
  requireMayTouch(user, target, deniedPassword);
  const bypassPolicy = data.bypass_passwd_requirements === true;
  if (!bypassPolicy) requireGoodPassword(core, data.new_passwd);
  await core.sessions
    .setPassword({
      userId: target.id,
      password: data.new_passwd,
      actor: user.username,
      bypassPolicy,
      mustChangePassword: data.force_update_after_login === true,
    })
    .catch(refuseSamePassword);
}

/** @throws {Refusal} 400 that says what is asked for */
function requireGoodPassword({ passwordPolicy }: Core, password: string): void {
  const faults = passwordFaults(passwordPolicy, password);
  if (faults === undefined) return;
  const { minLength, maxLength } = passwordPolicy;
  if (faults.length) {
    const message = `Password does not meet the length requirement (${minLength} ~ ${maxLength})`;
    throw new Refusal(400, message, { min_length: minLength, max_length: maxLength });
  }
  throw new Refusal(400, "Password lacks required characters", { missing: faults.missing });
}

const refuseSamePassword = refuseWhen("CONFLICT", () => new Refusal(400, "New password should not be the same"));

/** Says why somebody may not come in. Whoever guesses waits for the answer, and nobody else does. */
async function refuseSignIn(thrown: unknown, session: RequestSession): Promise<never> {
  if (!(thrown instanceof PicketError)) throw thrown;
  switch (thrown.code) {
    case "INVALID_CREDENTIALS":
      await session.delay(refusalDelay);
      throw new Refusal(
        401,
        thrown.details === "code" ? "Invalid two-factor authentication token" : "Invalid credentials",
      );
    case "PASSWORD_CHANGE_REQUIRED":
      throw new Refusal(
        403,
        thrown.details === "expired"
          ? "Password should be changed because it's expired"
          : "Password must be changed before you can log in",
      );
    case "TWO_FACTOR_REQUIRED":
      throw new Refusal(202, "Two-factor authentication required", { method: "totp" });
    default:
      throw thrown;
  }
}

function originOf({ address }: RequestSession) {
  return { address, userAgent: "documents client" };
}
