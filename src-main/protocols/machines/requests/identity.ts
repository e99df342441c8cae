import { PicketError } from "../../../base/errors.ts";
import { localPrincipal } from "../../../core/identity/principal.ts";
import type { identityRequests } from "../messages/identity.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";
import { viewUser } from "./views.ts";

export const identityHandlers: Handlers<keyof typeof identityRequests> = {
  "user-list": {
    role: "administrator",
    target: noTarget,
    async handle(_, context) {
      requireEverything(context);
      return { users: (await context.core.users.list()).map(viewUser) };
    },
  },
  "user-create": {
    role: "administrator",
    target: noTarget,
    audit: ({ username, role, groups }) => ({ target: username, details: { role, groups } }),
    async handle({ username, password, role, groups }, context) {
      requireEverything(context);
      const user = await context.core.users.create({ username, password, role, groups: groups ?? undefined });
      return { user: viewUser(user) };
    },
  },
  "user-change": {
    role: "administrator",
    target: noTarget,
    audit: ({ userId, role, groups, password }) => ({
      target: userId,
      details: { role, groups, passwordChanged: password !== undefined },
    }),
    async handle({ userId, role, groups, password }, context) {
      requireEverything(context);
      const { core, principal } = context;
      await core.users.change(userId, { role, groups, password });
      if (password !== undefined) await core.sessions.revokeAll(userId, { actor: principal.username });
      return {};
    },
  },
  "user-remove": {
    role: "administrator",
    target: noTarget,
    audit: ({ userId }) => ({ target: userId }),
    async handle({ userId }, context) {
      requireEverything(context);
      await context.core.sessions.revokeAll(userId, { actor: context.principal.username });
      await context.core.users.remove(userId);
      return {};
    },
  },
  "password-change": {
    role: "viewer",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle({ current, next }, { core, principal }) {
      const { userId, username, sessionId } = principal;
      if (!(await core.sessions.confirmPassword(principal, current))) {
        throw new PicketError("INVALID_CREDENTIALS", { message: "The current password is wrong." });
      }
      await core.users.change(userId, { password: next });
      await core.sessions.revokeAll(userId, { actor: username, except: sessionId });
      return {};
    },
  },
  "ticket-create": {
    role: "administrator",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle(_, { core, principal, about }) {
      // Whoever opens the local socket owns the data folder; nobody else gets a way around the password.
      if (principal.userId !== localPrincipal.userId) throw new PicketError("FORBIDDEN");
      const administrator = (await core.users.list()).find(({ role, groups }) => role === "administrator" && !groups);
      const base = about.consoleUrl();
      if (administrator === undefined || base === undefined) throw new PicketError("UNSUPPORTED");
      return { url: `${base}/#ticket=${core.tickets.create(administrator.id)}` };
    },
  },
  "session-list": {
    role: "viewer",
    target: noTarget,
    async handle(_, { core, principal }) {
      const sessions = await core.sessions.list(principal.userId);
      return {
        sessions: sessions.map(({ id, ...session }) => ({
          sessionId: id,
          current: id === principal.sessionId,
          ...session,
        })),
      };
    },
  },
  "session-revoke": {
    role: "viewer",
    target: noTarget,
    async handle({ sessionId }, { core, principal }) {
      await core.sessions.revoke(principal, sessionId);
      return {};
    },
  },
};

/** Users reach over all groups, so only an administrator who sees all groups may touch them. */
function requireEverything({ principal }: RequestContext): void {
  if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
}
