import { PicketError } from "../../../base/errors.ts";
import { maySeeGroup } from "../../../core/identity/principal.ts";
import type { enrolmentRequests } from "../messages/enrolment.ts";
import { type Handlers, noTarget } from "./handler.ts";
import { viewToken } from "./views.ts";

export const enrolmentHandlers: Handlers<keyof typeof enrolmentRequests> = {
  "token-create": {
    role: "administrator",
    target: noTarget,
    audit: ({ name, uses, group }) => ({ target: name ?? "", details: { uses, group } }),
    async handle({ name, uses, expiresIn, group }, { core, principal }) {
      if (!maySeeGroup(principal, group)) throw new PicketError("FORBIDDEN");
      const { info, token } = await core.tokens.create({
        name,
        uses,
        expiresIn: expiresIn ?? undefined,
        group,
        createdBy: principal.username,
      });
      return { token, info: viewToken(info) };
    },
  },
  "token-list": {
    role: "administrator",
    target: noTarget,
    async handle(_, { core, principal }) {
      const tokens = await core.tokens.list();
      return { tokens: tokens.filter(({ group }) => maySeeGroup(principal, group)).map(viewToken) };
    },
  },
  "token-revoke": {
    role: "administrator",
    target: noTarget,
    audit: ({ tokenId }) => ({ target: tokenId }),
    async handle({ tokenId }, { core, principal }) {
      const token = (await core.tokens.list()).find(({ id }) => id === tokenId);
      if (token === undefined || !maySeeGroup(principal, token.group)) throw new PicketError("TOKEN_NOT_FOUND");
      await core.tokens.revoke(tokenId);
      return {};
    },
  },
};
