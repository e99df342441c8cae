import type { MachinesClient } from "../protocols/machines/client.ts";
import type { Command } from "./commandContext.ts";
import { withLocalCore } from "./localCore.ts";
import { UsageError } from "./usageError.ts";

export interface CredentialKind {
  /** What one is called in a question to the user. */
  readonly noun: string;
  readonly usage: string;
  readonly create: Command;
  readonly list: Command;
  readonly revoke: (client: MachinesClient, id: string) => Promise<unknown>;
}

/** `create`, `list` and `revoke ID` of what lets somebody in: tokens, keys, rooms. */
export function credentialCommand({ noun, usage, create, list, revoke }: CredentialKind): Command {
  return async (context) => {
    const { invocation, configuration, print } = context;
    const [, verb, id] = invocation.words;
    if (verb === "create") return create(context);
    if (verb === "list") return list(context);
    if (verb !== "revoke") throw new UsageError(`usage: ${usage}`);
    if (id === undefined) throw new UsageError(`which ${noun}? ${usage}`);
    return withLocalCore(configuration.dataFolder, async (client) => {
      await revoke(client, id);
      print(invocation.options["json"] === true ? `${JSON.stringify({ id, revoked: true })}\n` : "revoked\n");
      return 0;
    });
  };
}
