import { type Clock, systemClock } from "./base/clock.ts";
import type { PicketError } from "./base/errors.ts";
import type { Logger } from "./base/logger.ts";
import type { Configuration } from "./cli/configuration.ts";
import { defaultGroup } from "./core/identity/defaultGroup.ts";
import { takeDataFolder } from "./host/dataFolder.ts";
import { KeepAlive } from "./wire/node/keepAlive.ts";

export interface ProgramOptions {
  readonly configuration: Configuration;
  readonly logger: Logger;
  /** @default the real clock */
  readonly clock?: Clock;
  /** Says something to whoever started the program, on standard output. */
  readonly print: (line: string) => void;
  /** The server does not let this agent in: there is nothing left to do. */
  readonly onRefused: (error: PicketError) => void;
  /** Somebody who may asked the core to stop the program. */
  readonly onShutdown: () => void;
}

/** The running program, one disposable. */
export interface Program {
  /** Where the core listens; empty without a core. */
  readonly urls: readonly string[];
  /** A link that signs whoever sits here in once; undefined without a console. */
  readonly consoleLink: string | undefined;
  /** Stops accepting, tells the peers, stores what is on its way, and closes everything. */
  stop(): Promise<void>;
}

const localTokenLifetime = 10 * 60_000;

/**
 * The composition root: builds what the configuration asks for, in order. The parts are loaded when they are wanted: an
 * agent carries no server, and a core no agent.
 *
 * @throws {PicketError} `DATA_FOLDER_UNUSABLE`, `DATA_FOLDER_IN_USE`, `DATA_FOLDER_TOO_NEW`, `PORT_IN_USE`,
 *   `CONFIG_INVALID`; nothing is left open then
 */
export async function assemble(options: ProgramOptions): Promise<Program> {
  const { configuration, logger, print, clock = systemClock } = options;
  const folder = takeDataFolder(configuration.dataFolder);
  const keepAlive = new KeepAlive(clock);
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
    keepAlive.dispose();
    folder.dispose();
  };
  try {
    let localNodeId: string | undefined;
    const common = { configuration, logger, clock, keepAlive };
    const corePart = configuration.roles.core
      ? await (await import("./assembleCore.ts")).assembleCore({
          ...common,
          localNodeId: () => localNodeId,
          shutdown: options.onShutdown,
        })
      : undefined;
    if (corePart !== undefined) {
      closers.push(() => corePart.close());
      if (corePart.madePassword !== undefined) {
        print(
          `picket administrator: user admin, password ${corePart.madePassword} (also in ${configuration.dataFolder}/admin-password)`,
        );
      }
      if (corePart.ownFingerprint !== undefined) {
        print(`picket certificate: self-signed, SHA-256 ${corePart.ownFingerprint}`);
      }
      print(`picket core listening on ${corePart.urls.join(" ")}`);
    }
    if (configuration.roles.agent) {
      const { assembleAgent } = await import("./assembleAgent.ts");
      const agent = await assembleAgent({
        ...common,
        localCore:
          corePart === undefined
            ? undefined
            : {
                name: corePart.consoleUrl ?? "the core of this machine",
                socketPath: corePart.localSocket,
                makeToken: async () => {
                  const { token } = await corePart.core.tokens.create({
                    name: "this machine",
                    uses: 1,
                    expiresIn: localTokenLifetime,
                    group: defaultGroup,
                    createdBy: "core",
                  });
                  return token;
                },
              },
        onConnected: (server) => print(`picket agent connected to ${server}`),
        onRefused: options.onRefused,
      });
      closers.push(() => agent.close());
      if (corePart !== undefined) [localNodeId] = agent.nodeIds;
    }
    const consoleLink = corePart === undefined ? undefined : await linkOf(corePart);
    return { urls: corePart?.urls ?? [], consoleLink, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function linkOf({ core, consoleUrl }: import("./assembleCore.ts").CorePart): Promise<string | undefined> {
  if (consoleUrl === undefined) return undefined;
  const administrator = (await core.users.list()).find(
    ({ role, groups }) => role === "administrator" && groups === undefined,
  );
  return administrator === undefined ? undefined : `${consoleUrl}/#ticket=${core.tickets.create(administrator.id)}`;
}
