import type { Command } from "../../src-main/core/commands/command.ts";
import type { TestCore } from "./startCore.ts";

export interface NewTestCommand {
  readonly nodeId?: string;
  readonly text?: string;
  /** Seconds. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly expiresIn?: number;
}

/** Makes a command for a node, as a console's request does. */
export async function runCommand(core: TestCore, command: NewTestCommand = {}): Promise<Command> {
  const { nodeId = "node-1", text = "true", timeout = 60, expiresIn = 3_600_000 } = command;
  const nodes = [core.core.nodes.require(nodeId)];
  const [made] = await core.core.commands.create({ nodes, commandText: text, timeout, expiresIn, createdBy: "test" });
  if (made === undefined) throw new Error("no command was made");
  return made;
}

/** How far a command has come. */
export async function commandState(core: TestCore, id: string): Promise<Command> {
  const command = await core.core.commands.get(id);
  if (command === undefined) throw new Error(`there is no command ${id}`);
  return command;
}
