import type { Command, CommandContext } from "../commandContext.ts";
import { withLocalCore } from "../localCore.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usageError.ts";

const usage = "picket api-key create --server NAME [--group G] | list | revoke ID";

/** Keys of servers that speak the monitoring protocol. */
export const apiKeyCommand: Command = async (context) => {
  const [, verb, id] = context.invocation.words;
  switch (verb) {
    case "create":
      return create(context);
    case "list":
      return list(context);
    case "revoke":
      if (id === undefined) throw new UsageError(`which key? ${usage}`);
      return withLocalCore(context.configuration.dataFolder, async (client) => {
        await client.request("api-key-revoke", { keyId: id });
        context.print(
          context.invocation.options["json"] === true ? `${JSON.stringify({ id, revoked: true })}\n` : "revoked\n",
        );
        return 0;
      });
    default:
      throw new UsageError(`usage: ${usage}`);
  }
};

async function create({ invocation, configuration, print, say }: CommandContext): Promise<number> {
  const { server, group, json } = invocation.options;
  if (typeof server !== "string" || server === "") throw new UsageError(`for which server? ${usage}`);
  const { apiKey, info } = await withLocalCore(configuration.dataFolder, (client) =>
    client.request("api-key-create", { server, ...(group === undefined ? {} : { group: `${group}` }) }),
  );
  if (json === true) {
    print(`${JSON.stringify({ id: info.keyId, api_key: apiKey, server_id: info.serverId })}\n`);
  } else {
    print(`${apiKey}\n`);
    say(`key ${info.keyId} for the server ${info.serverName}, ${info.serverId}`);
  }
  return 0;
}

async function list({ invocation, configuration, print }: CommandContext): Promise<number> {
  const { keys } = await withLocalCore(configuration.dataFolder, (client) => client.request("api-key-list", {}));
  const rows = keys.map((key) => ({
    id: key.keyId,
    server: key.serverName,
    server_id: key.serverId,
    group: key.group,
    created_by: key.createdBy,
    created_at: iso(key.createdAt),
    last_used_at: iso(key.lastUsedAt),
    revoked_at: iso(key.revokedAt),
  }));
  if (invocation.options["json"] === true) {
    print(`${JSON.stringify(rows)}\n`);
    return 0;
  }
  const header = ["ID", "SERVER", "SERVER ID", "GROUP", "LAST USED", "STATE"];
  const lines = rows.map((row) => [
    row.id,
    row.server,
    row.server_id,
    row.group,
    row.last_used_at ?? "never",
    row.revoked_at === null ? "in force" : "revoked",
  ]);
  print(formatTable(header, lines));
  return 0;
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
