import { PicketError } from "../../../base/errors.ts";
import { localPrincipal } from "../../../core/identity/principal.ts";
import type { identityRequests } from "../messages/identity.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";
import { viewUser } from "./views.ts";

/** Where the console finds the documents protocol of its own core. */
const documentsEndpoint = "/cfms";

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
    async handle({ groups, ...user }, context) {
      requireEverything(context);
      const made = await context.core.users.create({ ...user, groups: groups ?? undefined });
      return { user: viewUser(made) };
    },
  },
  "user-change": {
    role: "administrator",
    target: noTarget,
    audit: ({ userId, role, groups, password, mustChangePassword, twoFactor }) => ({
      target: userId,
      details: { role, groups, mustChangePassword, twoFactor, passwordChanged: password !== undefined },
    }),
    async handle({ userId, password, twoFactor, ...change }, context) {
      requireEverything(context);
      const { core, principal } = context;
      const { mustChangePassword } = change;
      await core.users.change(userId, change);
      if (password !== undefined) {
        await core.sessions.setPassword({ userId, password, actor: principal.username, mustChangePassword });
      }
      if (twoFactor === false && (await core.twoFactor.status(userId)).enabled) await core.twoFactor.disable(userId);
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
  "documents-token": {
    role: "viewer",
    target: noTarget,
    async handle(_, { core, principal }) {
      return { ...(await core.documentTokens.issueFor(principal)), endpoint: documentsEndpoint };
    },
  },
  "password-change": {
    role: "viewer",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle({ current, next }, { core, principal }) {
      const { userId, username: actor, sessionId } = principal;
      if (!(await core.sessions.confirmPassword(principal, current))) {
        throw new PicketError("INVALID_CREDENTIALS", { message: "The current password is wrong." });
      }
      await core.sessions.setPassword({ userId, password: next, actor, except: sessionId });
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
