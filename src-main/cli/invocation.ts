import { parseArgs } from "node:util";
import { environmentName, type RawSettings, type SettingKey, settingKeys, settings } from "./settings.ts";
import { UsageError } from "./usageError.ts";

/** What the command line asks for. */
export interface Invocation {
  readonly kind: "run" | "help" | "version" | "command";
  /** The words of a subcommand, like `node`, `exec`, and its arguments. */
  readonly words: readonly string[];
  readonly settings: RawSettings;
  readonly configFile: string | undefined;
  /** Options that only subcommands have. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** What stands behind `--`. */
  readonly rest: readonly string[];
}

/** Options of subcommands; each subcommand says which it takes. */
const commandOptions = {
  json: { type: "boolean" },
  name: { type: "string" },
  uses: { type: "string" },
  "max-clients": { type: "string" },
  expires: { type: "string" },
  group: { type: "string" },
  groups: { type: "string" },
  role: { type: "string" },
  "password-file": { type: "string" },
  timeout: { type: "string" },
  queue: { type: "boolean" },
} as const;

/** @throws {UsageError} */
export function parseInvocation(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation {
  const split = argv.indexOf("--");
  const own = split === -1 ? argv : argv.slice(0, split);
  const rest = split === -1 ? [] : argv.slice(split + 1);
  const { values, positionals } = parse(own);
  const { config, help, version, ...others } = values;
  const raw: RawSettings = {};
  const options: Record<string, string | boolean | undefined> = {};
  for (const [name, value] of Object.entries(others)) {
    // `api-key create --server NAME` names a server, no address.
    const ofCommand = name === "server" && positionals[0] === "api-key";
    if (isSetting(name) && !ofCommand) raw[name] = { value, from: `--${name}` };
    else options[name] = value as string | boolean;
  }
  const configFile = (config as string | undefined) ?? env[environmentName("config")];
  const kind = help === true ? "help" : version === true ? "version" : positionals.length > 0 ? "command" : "run";
  return { kind, words: positionals, settings: raw, configFile, options, rest };
}

function parse(args: readonly string[]) {
  const options: Record<string, { type: "string" | "boolean"; multiple?: boolean; short?: string }> = {
    config: { type: "string" },
    help: { type: "boolean", short: "h" },
    version: { type: "boolean" },
    ...commandOptions,
  };
  for (const key of settingKeys) {
    const { kind } = settings[key];
    options[key] = { type: kind === "switch" ? "boolean" : "string", multiple: kind === "texts" };
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [sentence = ""] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(`${sentence.replace(/\.$/, "")}; see --help`);
  }
}

function isSetting(name: string): name is SettingKey {
  return settingKeys.some((key) => key === name);
}
