import type { CommandContext } from "../commandContext.ts";
import { credentialCommand } from "../credentialCommand.ts";
import { isoTime } from "../isoTime.ts";
import { withLocalCore } from "../localCore.ts";
import { readDuration } from "../readDuration.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usageError.ts";

const usage = "picket token create [--name N] [--uses 1] [--expires 7d|never] [--group G] | list | revoke ID";

export const tokenCommand = credentialCommand({
  noun: "token",
  usage,
  create,
  list,
  revoke: (client, id) => client.request("token-revoke", { tokenId: id }),
});

async function create({ invocation, configuration, print, say }: CommandContext): Promise<number> {
  const { name, uses, expires, group, json } = invocation.options;
  const count = uses === undefined ? 1 : Number(uses);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`--uses must be a whole number from 1, not "${uses}"`);
  const expiresIn = expires === undefined ? undefined : readDuration(`${expires}`);
  const { token, info } = await withLocalCore(configuration.dataFolder, (client) =>
    client.request("token-create", {
      uses: count,
      ...(name === undefined ? {} : { name: `${name}` }),
      ...(group === undefined ? {} : { group: `${group}` }),
      ...(expiresIn === undefined ? {} : { expiresIn }),
    }),
  );
  const expiresAt = isoTime(info.expiresAt);
  if (json === true) {
    print(`${JSON.stringify({ id: info.tokenId, token, uses: info.uses, expires_at: expiresAt })}\n`);
  } else {
    print(`${token}\n`);
    say(
      `token ${info.tokenId}, for ${info.uses} node(s), ${expiresAt === null ? "never expires" : `until ${expiresAt}`}`,
    );
  }
  return 0;
}

async function list({ invocation, configuration, print }: CommandContext): Promise<number> {
  const { tokens } = await withLocalCore(configuration.dataFolder, (client) => client.request("token-list", {}));
  const rows = tokens.map((token) => ({
    id: token.tokenId,
    name: token.name,
    group: token.group,
    uses: token.uses,
    used: token.used,
    created_by: token.createdBy,
    created_at: isoTime(token.createdAt),
    expires_at: isoTime(token.expiresAt),
    revoked_at: isoTime(token.revokedAt),
  }));
  if (invocation.options["json"] === true) {
    print(`${JSON.stringify(rows)}\n`);
    return 0;
  }
  const header = ["ID", "NAME", "GROUP", "USED", "EXPIRES", "STATE"];
  const now = Date.now();
  const lines = tokens.map((token) => [
    token.tokenId,
    token.name ?? "",
    token.group,
    `${token.used}/${token.uses}`,
    isoTime(token.expiresAt) ?? "never",
    token.revokedAt !== null ? "revoked" : token.expiresAt !== null && token.expiresAt < now ? "expired" : "in force",
  ]);
  print(formatTable(header, lines));
  return 0;
}
