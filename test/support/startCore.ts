import { join } from "node:path";
import type { TestContext } from "node:test";
import { assembleCore, type CorePart } from "../../src-main/assembleCore.ts";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import type { Configuration } from "../../src-main/cli/configuration.ts";
import type { Role } from "../../src-main/core/identity/principal.ts";
import { MachinesClient } from "../../src-main/protocols/machines/client.ts";
import { dialSocket } from "../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export const adminPassword = "correct horse battery";

export interface TestCore extends CorePart {
  readonly dataFolder: string;
  /** `ws://127.0.0.1:port`. */
  readonly wsUrl: string;
  readonly httpUrl: string;
  /** Makes an enrolment token. */
  enrolmentToken(uses?: number, group?: string): Promise<string>;
  /** Signs in over HTTP and returns the access token. */
  signIn(username?: string, password?: string): Promise<string>;
  /** A user with a role, signed in. */
  userToken(role: Role, groups?: readonly string[]): Promise<string>;
  /** A console over a real socket; without a token the administrator's. */
  console(token?: string): Promise<MachinesClient>;
}

export interface TestCoreOptions {
  readonly clock?: Clock;
  readonly dataFolder?: string;
  readonly configuration?: Partial<Configuration>;
  /** Called when the core is asked over the wire to stop the program. */
  readonly shutdown?: () => void;
}

/** A real core on a port of its own, with a real database in a folder of its own, gone when the test ends. */
export async function startCore(context: Pick<TestContext, "after">, options: TestCoreOptions = {}): Promise<TestCore> {
  const dataFolder = options.dataFolder ?? temporaryFolder(context);
  const clock = options.clock ?? systemClock;
  const keepAlive = new KeepAlive(clock);
  const configuration = { ...defaultConfiguration(dataFolder), ...options.configuration };
  const part = await assembleCore({
    configuration,
    clock,
    logger: silentLogger,
    keepAlive,
    localNodeId: () => undefined,
    shutdown: options.shutdown ?? (() => {}),
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await part.close();
    keepAlive.dispose();
  };
  context.after(close);
  const httpUrl = part.urls[0] ?? "";
  const wsUrl = httpUrl.replace(/^http/, "ws");
  let users = 0;
  const signIn = async (username = "admin", password = adminPassword): Promise<string> => {
    const response = await fetch(`${httpUrl}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    if (response.status !== 200) throw new Error(`signing in failed: ${response.status} ${await response.text()}`);
    const { access_token: token } = (await response.json()) as { access_token: string };
    return token;
  };
  return {
    ...part,
    close,
    dataFolder,
    wsUrl,
    httpUrl,
    signIn,
    async enrolmentToken(uses = 1, group = "default") {
      return (await part.core.tokens.create({ uses, group, createdBy: "test" })).token;
    },
    async userToken(role, groups) {
      users += 1;
      const username = `${role}-${users}`;
      await part.core.users.create({ username, password: adminPassword, role, groups });
      return signIn(username);
    },
    async console(token) {
      let client: MachinesClient | undefined;
      const given = token ?? (await signIn());
      const consoleAlive = new KeepAlive(systemClock);
      const connection = await dialSocket(
        { url: `${wsUrl}/ws?token=${given}`, clock: systemClock, keepAlive: consoleAlive },
        (made) => {
          client = new MachinesClient(made, { clock: systemClock, onClosed: () => consoleAlive.dispose() });
          return client;
        },
      );
      context.after(() => connection.terminate());
      if (client === undefined) throw new Error("not connected");
      return client;
    },
  };
}

/** What a core of the tests is configured as. */
export function defaultConfiguration(dataFolder: string): Configuration {
  return {
    roles: { core: true, agent: false },
    dataFolder,
    listen: [{ host: "127.0.0.1", port: 0, protocol: undefined, tls: false }],
    upstreams: [],
    policyFile: join(dataFolder, "policy.yaml"),
    tlsCaFile: undefined,
    tls: undefined,
    allowedHosts: [],
    allowDefaultToken: false,
    historyBytes: 0,
    databaseBytes: 0,
    logDays: 30,
    documentQuota: 0,
    documentMaxSize: 0,
    documentBinDays: 30,
    logBytes: 0,
    passwordPolicy: { minLength: 10, maxLength: 256, mustContain: [], expiresAfterDays: 0 },
    openBrowser: false,
    adminPassword,
    logLevel: "error",
    logFormat: "text",
    traceWire: false,
  };
}
