import type { ActionName } from "../messages.ts";
import { auditHandlers } from "./audit.ts";
import { authHandlers } from "./auth.ts";
import { binHandlers } from "./bin.ts";
import { blockHandlers } from "./blocks.ts";
import { directoryHandlers } from "./directories.ts";
import { documentHandlers } from "./documents.ts";
import { grantHandlers } from "./grants.ts";
import { groupHandlers } from "./groups.ts";
import type { Handlers } from "./handler.ts";
import { revisionHandlers } from "./revisions.ts";
import { ruleHandlers } from "./rules.ts";
import { serverHandlers } from "./server.ts";
import { transferHandlers } from "./transfers.ts";
import { twoFactorHandlers } from "./twoFactor.ts";
import { usageHandlers } from "./usage.ts";
import { userHandlers } from "./users.ts";

/** One row for every action: an action that has none does not compile. */
export const handlers: Handlers<ActionName> = {
  ...serverHandlers,
  ...authHandlers,
  ...twoFactorHandlers,
  ...directoryHandlers,
  ...documentHandlers,
  ...revisionHandlers,
  ...binHandlers,
  ...usageHandlers,
  ...transferHandlers,
  ...userHandlers,
  ...groupHandlers,
  ...ruleHandlers,
  ...grantHandlers,
  ...blockHandlers,
  ...auditHandlers,
};
