import { PicketError } from "../../../base/errors.ts";
import { maySeeGroup } from "../../../core/identity/principal.ts";
import type { commandRequests } from "../messages/commands.ts";
import type { Handlers, Target } from "./handler.ts";
import { viewCommand } from "./views.ts";

const oneCommand = ({ commandId }: { readonly commandId: string }): Target => ({ kind: "command", id: commandId });

export const commandHandlers: Handlers<keyof typeof commandRequests> = {
  "command-run": {
    role: "operator",
    target: ({ nodeIds }) => ({ kind: "nodes", ids: nodeIds }),
    audit: ({ nodeIds, command }) => ({
      target: nodeIds.length === 1 ? (nodeIds[0] ?? "") : `${nodeIds.length} nodes`,
      details: { command, ...(nodeIds.length === 1 ? {} : { nodes: nodeIds }) },
    }),
    async handle({ command, timeout, expiresIn }, { core, principal, nodes }) {
      const created = await core.commands.create({
        nodes,
        commandText: command,
        timeout,
        expiresIn,
        createdBy: principal.username,
      });
      return { commands: created.map(viewCommand) };
    },
  },
  "command-list": {
    role: "viewer",
    target: ({ nodeId }) => (nodeId === undefined ? { kind: "none" } : { kind: "nodes", ids: [nodeId] }),
    async handle({ nodeId, before, beforeId, status, limit }, { core, principal, nodes }) {
      const visible =
        nodeId === undefined ? core.nodes.list().filter((node) => maySeeGroup(principal, node.group)) : nodes;
      const commands = await core.commands.list({
        nodeKeys: visible.map(({ key }) => key),
        before,
        beforeId,
        status,
        limit,
      });
      return { commands: commands.map(viewCommand) };
    },
  },
  "command-get": {
    role: "viewer",
    target: oneCommand,
    async handle({ commandId }, { core }) {
      const command = await core.commands.get(commandId);
      if (command === undefined) throw new PicketError("COMMAND_NOT_FOUND");
      return { command: viewCommand(command) };
    },
  },
  "command-output": {
    role: "viewer",
    target: oneCommand,
    async handle({ commandId, stream, offset, length }, { core }) {
      const output = (await core.commands.output(commandId))[stream];
      return { text: output.slice(offset, offset + length), total: output.length };
    },
  },
  "command-cancel": {
    role: "operator",
    target: oneCommand,
    audit: ({ commandId }) => ({ target: commandId }),
    async handle({ commandId }, { core }) {
      await core.commands.cancel(commandId);
      return {};
    },
  },
};
