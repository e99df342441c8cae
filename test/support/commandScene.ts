import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Command } from "../../src-main/core/commands/command.ts";
import { eventually } from "./eventually.ts";
import { openNodes, type TestNodes } from "./openNodes.ts";
import { RecordingLink } from "./recordingLink.ts";

export const hour = 3_600_000;
/** What a node says of a command that went well. */
export const succeeded = { exitCode: 0, stdout: "out", stderr: "err", executionTimeMs: 5 };

/** A command for `node-1`. */
export interface Waiting {
  readonly text?: string;
  readonly timeout?: number;
  readonly expiresIn?: number;
}

/** Makes a command for `node-1`, as a console's request does. */
export async function make(
  core: TestNodes,
  { text = "true", timeout = 60, expiresIn = hour }: Waiting = {},
): Promise<Command> {
  const nodes = [core.nodes.require("node-1")];
  const [made] = await core.commands.create({ nodes, commandText: text, timeout, expiresIn, createdBy: "kim" });
  assert.ok(made);
  return made;
}

/** What is stored of a command. */
export async function get({ commands }: TestNodes, { id }: Pick<Command, "id">): Promise<Command> {
  const command = await commands.get(id);
  assert.ok(command);
  return command;
}

/** Waits until a command has come to this. */
export async function becomes(
  core: TestNodes,
  command: Pick<Command, "id">,
  status: Command["status"],
): Promise<Command> {
  return eventually(async () => {
    const now = await get(core, command);
    return now.status === status && now;
  });
}

/** One node, connected unless it is said otherwise. */
export async function commandScene(
  t: TestContext,
  options: { readonly extended?: boolean; readonly online?: boolean } = {},
) {
  const core = await openNodes(t);
  await core.add();
  const link = new RecordingLink(options);
  if (options.online !== false) await core.connect("node-1", link);
  return { core, link, node: core.nodes.require("node-1") };
}
