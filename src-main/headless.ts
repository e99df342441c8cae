// The entry under plain Node: servers, scripts, tests, and desktops without the Electron shell.
import { spawn } from "node:child_process";
import { assemble } from "./assemble.ts";
import { systemClock } from "./base/clock.ts";
import { describeError, type ErrorCode, PicketError } from "./base/errors.ts";
import { createLogger } from "./base/logger.ts";
import { type Configuration, readConfiguration } from "./cli/configuration.ts";
import { helpText } from "./cli/help.ts";
import { parseInvocation } from "./cli/invocation.ts";
import { UsageError } from "./cli/usageError.ts";
import { defaultDataFolder } from "./host/dataFolder.ts";
import { version } from "./version.ts";

const exitCode = { fine: 0, failed: 1, usage: 2, refused: 3 } as const;
/** What is wrong with how the program was started, not with what it does. */
const usageCodes: readonly ErrorCode[] = [
  "CONFIG_INVALID",
  "DATA_FOLDER_IN_USE",
  "DATA_FOLDER_TOO_NEW",
  "DATA_FOLDER_UNUSABLE",
  "PASSWORD_TOO_WEAK",
  "PORT_IN_USE",
];
const stopLimit = 4_500;
/** A supervisor and its shell may both pass one signal on: only a later one is a second one. */
const sameSignal = 500;

const print = (text: string): void => void process.stdout.write(text);
const say = (text: string): void => void process.stderr.write(`picket: ${text}\n`);

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = report(error);
}

async function main(): Promise<number | undefined> {
  const invocation = parseInvocation(process.argv.slice(2), process.env);
  if (invocation.kind === "help") {
    print(helpText());
    return exitCode.fine;
  }
  if (invocation.kind === "version") {
    print(`${version}\n`);
    return exitCode.fine;
  }
  const configuration = await readConfiguration({
    flags: invocation.settings,
    env: process.env,
    configFile: invocation.configFile,
    defaultDataFolder: defaultDataFolder(),
  });
  if (invocation.kind === "command") {
    const { runCommand } = await import("./cli/runCommand.ts");
    return runCommand({ invocation, configuration, print, say });
  }
  await run(configuration);
  return undefined;
}

async function run(configuration: Configuration): Promise<void> {
  const logger = createLogger({
    level: configuration.logLevel,
    format: configuration.logFormat,
    clock: systemClock,
    write: (line) => process.stderr.write(`${line}\n`),
  });
  const started = Promise.withResolvers<void>();
  let refused = 0;
  const program = await assemble({
    configuration,
    logger,
    print: (line) => print(`${line}\n`),
    onRefused: (error) => void started.promise.then(() => onRefused(error)),
    onShutdown: () => void started.promise.then(() => stop(exitCode.fine)),
  });
  let stopping: number | undefined;
  const stop = (code: number): void => {
    if (stopping !== undefined) {
      if (performance.now() - stopping > sameSignal) process.exit(exitCode.failed);
      return;
    }
    stopping = performance.now();
    const limit = setTimeout(() => process.exit(exitCode.failed), stopLimit);
    program.stop().then(
      () => {
        clearTimeout(limit);
        process.exit(code);
      },
      (error: unknown) => {
        say(describeError(error));
        process.exit(exitCode.failed);
      },
    );
  };
  process.on("SIGTERM", () => stop(exitCode.fine));
  process.on("SIGINT", () => stop(exitCode.fine));
  const onRefused = (error: PicketError): void => {
    say(describeError(error));
    refused += 1;
    // Only an agent that no server lets in has nothing left to do.
    if (!configuration.roles.core && refused === configuration.upstreams.length) stop(exitCode.refused);
  };
  started.resolve();
  if (program.consoleLink !== undefined) {
    print(`picket console: ${program.consoleLink}\n`);
    if (configuration.openBrowser) openBrowser(program.consoleLink);
  }
}

/** Only where somebody sits who can see it. */
function openBrowser(url: string): void {
  const { platform, env, stdout } = process;
  const desktop = platform === "darwin" || platform === "win32" || env["DISPLAY"] || env["WAYLAND_DISPLAY"];
  if (!desktop || !stdout.isTTY || env["CI"] || env["SSH_CONNECTION"]) return;
  const [file, ...args] =
    platform === "darwin" ? ["open", url] : platform === "win32" ? ["cmd", "/c", "start", "", url] : ["xdg-open", url];
  if (file === undefined) return;
  const child = spawn(file, args, { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    say(error.message);
    return exitCode.usage;
  }
  if (error instanceof PicketError && usageCodes.includes(error.code)) {
    // The sentence says it already; the cause would only say it again in other words.
    say(error.details === undefined ? error.message : `${error.message} (${error.details})`);
    return exitCode.usage;
  }
  say(describeError(error));
  return exitCode.failed;
}
