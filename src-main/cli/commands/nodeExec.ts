import type { MachinesClient } from "../../protocols/machines/client.ts";
import type { Command } from "../../protocols/machines/messages/commands.ts";
import type { CommandContext } from "../commandContext.ts";
import { withLocalCore } from "../localCore.ts";
import { findNode } from "../nodeLookup.ts";
import { UsageError } from "../usageError.ts";

const open = ["queued", "sent", "started"];
const couldNotRun = 125;
/** How long after a command's own limit its end is waited for. */
const grace = 30_000;

/** Runs a command on a node, waits for its end, and ends with its exit code. */
export function nodeExec({ invocation, configuration, print, say }: CommandContext, wanted: string): Promise<number> {
  const { timeout: timeoutText, json, queue } = invocation.options;
  const timeout = timeoutText === undefined ? 60 : Number(timeoutText);
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > 86_400) {
    throw new UsageError(`--timeout must be whole seconds from 1 to 86400, not "${timeoutText}"`);
  }
  if (invocation.rest.length === 0) throw new UsageError("which command? picket node exec NODE -- COMMAND");
  const command = commandLine(invocation.rest);
  return withLocalCore(configuration.dataFolder, async (client) => {
    const node = await findNode(client, wanted);
    if (node.status === "offline" && queue !== true) {
      throw new Error(`${wanted} is offline; with --queue the command waits for it (up to a day)`);
    }
    const ended = await runToEnd(client, { nodeId: node.nodeId, command, timeout, wait: queue === true });
    const stdout = await outputOf(client, ended.commandId, "stdout");
    const stderr = await outputOf(client, ended.commandId, "stderr");
    if (json === true) {
      print(
        `${JSON.stringify({
          command_id: ended.commandId,
          status: ended.status,
          exit_code: ended.exitCode,
          stdout,
          stderr,
          execution_time_ms: ended.executionTimeMs,
        })}\n`,
      );
    } else {
      print(stdout);
      process.stderr.write(stderr);
      // What follows is a line of its own.
      if (ended.exitCode === null && stderr !== "" && !stderr.endsWith("\n")) process.stderr.write("\n");
      if (ended.exitCode === null) say(`the command ${ended.status} (${ended.errorCode ?? "no reason given"})`);
    }
    return ended.exitCode === null || ended.exitCode < 0 ? couldNotRun : ended.exitCode;
  });
}

interface Run {
  readonly nodeId: string;
  readonly command: string;
  /** Seconds. */
  readonly timeout: number;
  /** Whether to wait as long as it takes for the node to come back. */
  readonly wait: boolean;
}

async function runToEnd(client: MachinesClient, { nodeId, command, timeout, wait }: Run): Promise<Command> {
  const { promise, resolve, reject } = Promise.withResolvers<Command>();
  const ends = new Map<string, Command>();
  let own: string | undefined;
  const pushes = client.onPush("command-changed", ({ command: changed }) => {
    if (open.includes(changed.status)) return;
    ends.set(changed.commandId, changed);
    if (changed.commandId === own) resolve(changed);
  });
  const subscription = await client.subscribe({ topic: "commands" });
  const limit = wait ? undefined : setTimeout(() => reject(new Error("no answer in time")), timeout * 1000 + grace);
  try {
    const { commands } = await client.request("command-run", { nodeIds: [nodeId], command, timeout });
    const [created] = commands;
    if (created === undefined) throw new Error("the core made no command");
    own = created.commandId;
    // It may have ended before this side knew its id.
    const already = ends.get(own) ?? (open.includes(created.status) ? undefined : created);
    return already ?? (await promise);
  } finally {
    clearTimeout(limit);
    subscription.dispose();
    pushes.dispose();
  }
}

async function outputOf(client: MachinesClient, commandId: string, stream: "stdout" | "stderr"): Promise<string> {
  let text = "";
  for (;;) {
    const piece = await client.request("command-output", { commandId, stream, offset: text.length });
    text += piece.text;
    if (piece.text === "" || text.length >= piece.total) return text;
  }
}

/** One word is a line for the node's shell; several are the words of one command, quoted for it. */
function commandLine(words: readonly string[]): string {
  const [first = ""] = words;
  return words.length === 1 ? first : words.map(quote).join(" ");
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
