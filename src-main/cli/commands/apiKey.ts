import type { CommandContext } from "../commandContext.ts";
import { credentialCommand } from "../credentialCommand.ts";
import { isoTime } from "../isoTime.ts";
import { withLocalCore } from "../localCore.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usageError.ts";

const usage = "picket api-key create --server NAME [--group G] | list | revoke ID";

/** Keys of servers that speak the monitoring protocol. */
export const apiKeyCommand = credentialCommand({
  noun: "key",
  usage,
  create,
  list,
  revoke: (client, id) => client.request("api-key-revoke", { keyId: id }),
});

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
    created_at: isoTime(key.createdAt),
    last_used_at: isoTime(key.lastUsedAt),
    revoked_at: isoTime(key.revokedAt),
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
