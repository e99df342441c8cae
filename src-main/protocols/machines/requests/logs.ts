import type { Core } from "../../../core/core.ts";
import { maySeeGroup, type Principal } from "../../../core/identity/principal.ts";
import type { StoredLogEntry } from "../../../core/logs/logEntry.ts";
import type { NodeRecord } from "../../../core/nodes/nodeRecord.ts";
import type { LogLine, logRequests } from "../messages/logs.ts";
import type { Handlers, Target } from "./handler.ts";

/** UTF-16 units of text in one answer: it must fit a message. */
const maxAnswerUnits = 256 * 1024;

const namedNodes = ({ nodeIds }: { readonly nodeIds?: readonly string[] | undefined }): Target =>
  nodeIds === undefined ? { kind: "none" } : { kind: "nodes", ids: nodeIds };

export const logHandlers: Handlers<keyof typeof logRequests> = {
  "log-search": {
    role: "viewer",
    target: namedNodes,
    async handle({ nodeIds, ...request }, { core, principal, nodes }) {
      const nodeKeys = nodeIds === undefined ? visibleKeys(core, principal) : keysOf(nodes);
      const { entries, next } = await core.logs.search({ ...request, nodeKeys });
      const lines: LogLine[] = [];
      let units = 0;
      for (const entry of entries) {
        units += entry.message.length + 256;
        const last = lines.at(-1);
        if (units > maxAnswerUnits && last !== undefined) return { lines, next: last.id };
        const line = viewLogLine(entry, core, principal);
        if (line !== undefined) lines.push(line);
      }
      return { lines, next: next ?? null };
    },
  },
  "log-sources": {
    role: "viewer",
    target: namedNodes,
    async handle({ nodeIds }, { core, principal, nodes }) {
      const nodeKeys = nodeIds === undefined ? visibleKeys(core, principal) : keysOf(nodes);
      return { sources: [...(await core.logs.sources(nodeKeys))] };
    },
  },
};

/** A line as consoles see it; undefined for one of a node that the user may not see, or that is gone. */
export function viewLogLine(entry: StoredLogEntry, core: Core, principal: Principal): LogLine | undefined {
  const node = core.nodes.getByKey(entry.nodeKey);
  if (node === undefined || !maySeeGroup(principal, node.group)) return undefined;
  const { id, time, level, source, message } = entry;
  return { id, nodeId: node.nodeId, time, level, source, message };
}

/** The nodes whose lines a user may see; undefined: every node. */
export function visibleKeys(core: Core, principal: Principal): readonly number[] | undefined {
  if (principal.groups === undefined) return undefined;
  return keysOf(core.nodes.list().filter(({ group }) => maySeeGroup(principal, group)));
}

function keysOf(nodes: readonly NodeRecord[]): readonly number[] {
  return nodes.map(({ key }) => key);
}
