import type { Catalogue } from "./catalogue.ts";
import { alertRules } from "./zh/alertRules.ts";
import { alerts } from "./zh/alerts.ts";
import { apiKeys } from "./zh/apiKeys.ts";
import { audit } from "./zh/audit.ts";
import { channels } from "./zh/channels.ts";
import { commands } from "./zh/commands.ts";
import { common } from "./zh/common.ts";
import { containers } from "./zh/containers.ts";
import { documents } from "./zh/documents.ts";
import { documentsAdmin } from "./zh/documentsAdmin.ts";
import { enrolment } from "./zh/enrolment.ts";
import { errors } from "./zh/errors.ts";
import { facts } from "./zh/facts.ts";
import { logs } from "./zh/logs.ts";
import { manage } from "./zh/manage.ts";
import { node } from "./zh/node.ts";
import { nodes } from "./zh/nodes.ts";
import { rooms } from "./zh/rooms.ts";
import { settings } from "./zh/settings.ts";
import { shell } from "./zh/shell.ts";
import { signIn } from "./zh/signIn.ts";
import { terminal } from "./zh/terminal.ts";

/** Every text of the console in Simplified Chinese. */
export const zh: Catalogue = {
  alertRules,
  alerts,
  apiKeys,
  audit,
  channels,
  commands,
  common,
  containers,
  documents,
  documentsAdmin,
  enrolment,
  errors,
  facts,
  logs,
  manage,
  node,
  nodes,
  rooms,
  settings,
  shell,
  signIn,
  terminal,
};
