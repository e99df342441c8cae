import type { Catalogue } from "./catalogue.ts";
import { audit } from "./zh/audit.ts";
import { commands } from "./zh/commands.ts";
import { common } from "./zh/common.ts";
import { enrolment } from "./zh/enrolment.ts";
import { errors } from "./zh/errors.ts";
import { facts } from "./zh/facts.ts";
import { manage } from "./zh/manage.ts";
import { node } from "./zh/node.ts";
import { nodes } from "./zh/nodes.ts";
import { settings } from "./zh/settings.ts";
import { shell } from "./zh/shell.ts";
import { signIn } from "./zh/signIn.ts";
import { terminal } from "./zh/terminal.ts";

/** Every text of the console in Simplified Chinese. */
export const zh: Catalogue = {
  audit,
  commands,
  common,
  enrolment,
  errors,
  facts,
  manage,
  node,
  nodes,
  settings,
  shell,
  signIn,
  terminal,
};
