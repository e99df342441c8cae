import type { RequestType } from "../messages.ts";
import { alertHandlers } from "./alerts.ts";
import { apiKeyHandlers } from "./apiKeys.ts";
import { auditHandlers } from "./audit.ts";
import { commandHandlers } from "./commands.ts";
import { connectionHandlers } from "./connection.ts";
import { containerHandlers } from "./containers.ts";
import { documentServerHandlers } from "./documentServers.ts";
import { documentStorageHandlers } from "./documentStorage.ts";
import { enrolmentHandlers } from "./enrolment.ts";
import type { Handlers } from "./handler.ts";
import { identityHandlers } from "./identity.ts";
import { logHandlers } from "./logs.ts";
import { nodeHandlers } from "./nodes.ts";
import { notificationHandlers } from "./notifications.ts";
import { roomHandlers } from "./rooms.ts";
import { terminalHandlers } from "./terminals.ts";
import { twoFactorHandlers } from "./twoFactor.ts";
import { vmHandlers } from "./vms.ts";

/** One row for every request type: a type that has none does not compile. */
export const handlers: Handlers<RequestType> = {
  ...connectionHandlers,
  ...nodeHandlers,
  ...commandHandlers,
  ...containerHandlers,
  ...enrolmentHandlers,
  ...apiKeyHandlers,
  ...identityHandlers,
  ...twoFactorHandlers,
  ...auditHandlers,
  ...logHandlers,
  ...alertHandlers,
  ...notificationHandlers,
  ...roomHandlers,
  ...documentServerHandlers,
  ...documentStorageHandlers,
  ...terminalHandlers,
  ...vmHandlers,
};
