import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Configuration, readConfiguration } from "../../src-main/cli/configuration.ts";
import { parseInvocation } from "../../src-main/cli/invocation.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface ConfigurationSources {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The text of a configuration file. */
  readonly file?: string;
}

/** Reads the configuration as the program does, from the texts that people write. */
export async function configurationOf(
  context: Pick<TestContext, "after">,
  { flags = [], env = {}, file }: ConfigurationSources,
): Promise<Configuration> {
  const invocation = parseInvocation(flags, env);
  let { configFile } = invocation;
  if (file !== undefined) {
    configFile = join(temporaryFolder(context), "config.yaml");
    writeFileSync(configFile, file);
  }
  return readConfiguration({ flags: invocation.settings, env, configFile, defaultDataFolder: "/default" });
}
