import { readFileSync } from "node:fs";
import type { MachinesClient } from "../../protocols/machines/client.ts";
import { type Role, roles } from "../../protocols/machines/messages/identity.ts";
import type { Command, CommandContext } from "../commandContext.ts";
import { withLocalCore } from "../localCore.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usageError.ts";

const usage =
  "picket user create NAME --role ROLE --password-file FILE [--groups A,B] | list | remove NAME | reset-two-factor NAME";

export const userCommand: Command = async (context) => {
  const [, verb, username] = context.invocation.words;
  const { dataFolder } = context.configuration;
  const json = context.invocation.options["json"] === true;
  switch (verb) {
    case "create":
      if (username === undefined) throw new UsageError(`which name? ${usage}`);
      return create(context, username);
    case "list": {
      const { users } = await withLocalCore(dataFolder, (client) => client.request("user-list", {}));
      const rows = users.map(({ username: name, role, groups, twoFactor }) => ({
        username: name,
        role,
        groups,
        twoFactor,
      }));
      if (json) context.print(`${JSON.stringify(rows)}\n`);
      else {
        const lines = rows.map(({ username: name, role, groups, twoFactor }) => [
          name,
          role,
          groups?.join(", ") ?? "all",
          twoFactor ? "yes" : "no",
        ]);
        context.print(formatTable(["NAME", "ROLE", "GROUPS", "SECOND FACTOR"], lines));
      }
      return 0;
    }
    case "remove":
      if (username === undefined) throw new UsageError(`which user? ${usage}`);
      return withLocalCore(dataFolder, async (client) => {
        await client.request("user-remove", { userId: await idOf(client, username) });
        context.print(json ? `${JSON.stringify({ username, removed: true })}\n` : "removed\n");
        return 0;
      });
    // For somebody who lost the authenticator and the backup codes; they can set up another one.
    case "reset-two-factor":
      if (username === undefined) throw new UsageError(`which user? ${usage}`);
      return withLocalCore(dataFolder, async (client) => {
        await client.request("user-change", { userId: await idOf(client, username), twoFactor: false });
        context.print(json ? `${JSON.stringify({ username, twoFactor: false })}\n` : "reset\n");
        return 0;
      });
    default:
      throw new UsageError(`usage: ${usage}`);
  }
};

async function create({ invocation, configuration, print }: CommandContext, username: string): Promise<number> {
  const { role, groups, "password-file": file, json } = invocation.options;
  if (!isRole(role)) throw new UsageError(`--role must be one of ${roles.join(", ")}`);
  if (typeof file !== "string") throw new UsageError("--password-file FILE is needed; FILE - is standard input");
  const password = readPassword(file);
  const { user } = await withLocalCore(configuration.dataFolder, (client) =>
    client.request("user-create", {
      username,
      password,
      role,
      groups: typeof groups === "string" ? groups.split(",").filter(Boolean) : null,
    }),
  );
  print(
    json === true
      ? `${JSON.stringify({ username: user.username, role: user.role })}\n`
      : `${user.username} (${user.role})\n`,
  );
  return 0;
}

function readPassword(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new UsageError(`--password-file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value);
}

async function idOf(client: MachinesClient, username: string): Promise<string> {
  const { users } = await client.request("user-list", {});
  const user = users.find(({ username: name }) => name.toLowerCase() === username.toLowerCase());
  if (user === undefined) throw new Error(`there is no user ${username}`);
  return user.userId;
}
