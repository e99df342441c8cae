import type { RequestType } from "../messages.ts";
import { auditHandlers } from "./audit.ts";
import { commandHandlers } from "./commands.ts";
import { connectionHandlers } from "./connection.ts";
import { enrolmentHandlers } from "./enrolment.ts";
import type { Handlers } from "./handler.ts";
import { identityHandlers } from "./identity.ts";
import { nodeHandlers } from "./nodes.ts";
import { terminalHandlers } from "./terminals.ts";
import { vmHandlers } from "./vms.ts";

/** One row for every request type: a type that has none does not compile. */
export const handlers: Handlers<RequestType> = {
  ...connectionHandlers,
  ...nodeHandlers,
  ...commandHandlers,
  ...enrolmentHandlers,
  ...identityHandlers,
  ...auditHandlers,
  ...terminalHandlers,
  ...vmHandlers,
};
