import { type ErrorCode, errorTable } from "../../src-main/base/errors.ts";
import { alertRules } from "./en/alertRules.ts";
import { alerts } from "./en/alerts.ts";
import { apiKeys } from "./en/apiKeys.ts";
import { audit } from "./en/audit.ts";
import { channels } from "./en/channels.ts";
import { commands } from "./en/commands.ts";
import { common } from "./en/common.ts";
import { containers } from "./en/containers.ts";
import { documents } from "./en/documents.ts";
import { documentsAdmin } from "./en/documentsAdmin.ts";
import { enrolment } from "./en/enrolment.ts";
import { facts } from "./en/facts.ts";
import { logs } from "./en/logs.ts";
import { manage } from "./en/manage.ts";
import { node } from "./en/node.ts";
import { nodes } from "./en/nodes.ts";
import { rooms } from "./en/rooms.ts";
import { settings } from "./en/settings.ts";
import { shell } from "./en/shell.ts";
import { signIn } from "./en/signIn.ts";
import { terminal } from "./en/terminal.ts";

/** What went wrong, and what can be done about it. */
export interface ErrorText {
  readonly message: string;
  readonly remedy: string;
}

const errors: Readonly<Record<ErrorCode, ErrorText>> = errorTable;

/** Every text of the console in English, the source of all others. */
export const en = {
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
