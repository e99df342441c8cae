import type { Command, CommandContext } from "../commandContext.ts";
import { isoTime } from "../isoTime.ts";
import { withLocalCore } from "../localCore.ts";
import { listNodes } from "../nodeLookup.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usageError.ts";
import { nodeExec } from "./nodeExec.ts";
import { nodeShell } from "./nodeShell.ts";

const usage = "picket node list | exec NODE [--timeout S] [--queue] -- COMMAND | shell NODE";

export const nodeCommand: Command = async (context) => {
  const [, verb, node] = context.invocation.words;
  switch (verb) {
    case "list":
      return list(context);
    case "exec":
      if (node === undefined) throw new UsageError(`which node? ${usage}`);
      return nodeExec(context, node);
    case "shell":
      if (node === undefined) throw new UsageError(`which node? ${usage}`);
      return nodeShell(context, node);
    default:
      throw new UsageError(`usage: ${usage}`);
  }
};

async function list({ invocation, configuration, print }: CommandContext): Promise<number> {
  const nodes = await withLocalCore(configuration.dataFolder, listNodes);
  if (invocation.options["json"] === true) {
    const rows = nodes.map((node) => ({
      node_id: node.nodeId,
      name: node.name,
      hostname: node.hostname,
      ip_address: node.ipAddress,
      os_info: node.osInfo,
      group: node.group,
      tags: node.tags,
      capabilities: node.capabilities,
      status: node.status,
      last_seen: isoTime(node.lastSeenAt),
      metrics: node.sample?.values ?? null,
      metrics_time: isoTime(node.sample?.time ?? null),
    }));
    print(`${JSON.stringify(rows)}\n`);
    return 0;
  }
  const lines = nodes.map((node) => [
    node.nodeId,
    node.name ?? node.hostname,
    node.status,
    node.sample?.values.cpu_usage === undefined ? "" : `${node.sample.values.cpu_usage.toFixed(0)} %`,
    node.group,
    node.tags.join(", "),
    isoTime(node.lastSeenAt) ?? "never",
  ]);
  print(formatTable(["ID", "NAME", "STATUS", "CPU", "GROUP", "TAGS", "LAST SEEN"], lines));
  return 0;
}
