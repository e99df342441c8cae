import type { Command, CommandContext } from "./commandContext.ts";
import { apiKeyCommand } from "./commands/apiKey.ts";
import { documentsCommand } from "./commands/documents.ts";
import { nodeCommand } from "./commands/node.ts";
import { roomCommand } from "./commands/room.ts";
import { tokenCommand } from "./commands/token.ts";
import { userCommand } from "./commands/user.ts";
import { withLocalCore } from "./localCore.ts";
import { UsageError } from "./usageError.ts";

const consoleCommand: Command = async ({ configuration, invocation, print }) => {
  const { url } = await withLocalCore(configuration.dataFolder, (client) => client.request("ticket-create", {}));
  print(invocation.options["json"] === true ? `${JSON.stringify({ url })}\n` : `${url}\n`);
  return 0;
};

/** By the time a subcommand runs, the configuration has been read: that it was is the answer. */
const configCommand: Command = async ({ invocation, print }) => {
  if (invocation.words[1] !== "check") throw new UsageError("usage: picket config check");
  print(invocation.options["json"] === true ? `${JSON.stringify({ valid: true })}\n` : "the configuration is valid\n");
  return 0;
};

const commands: Readonly<Record<string, Command>> = {
  token: tokenCommand,
  "api-key": apiKeyCommand,
  user: userCommand,
  node: nodeCommand,
  room: roomCommand,
  documents: documentsCommand,
  console: consoleCommand,
  config: configCommand,
};

/** Runs the subcommand that the words name. @throws {UsageError} */
export function runCommand(context: CommandContext): Promise<number> {
  const [word = ""] = context.invocation.words;
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (command === undefined) throw new UsageError(`"${word}" is no subcommand; see --help`);
  return command(context);
}
