import { parseInvocation } from "../../src-main/cli/invocation.ts";
import { runCommand } from "../../src-main/cli/runCommand.ts";
import { defaultConfiguration } from "./startCore.ts";

export interface CliOutcome {
  readonly code: number;
  /** What it printed to standard output: data. */
  readonly out: string;
  /** What it said to people. */
  readonly said: string;
}

/** Runs a subcommand in this process, with the words of a command line, against the core of a data folder. */
export async function runCli(dataFolder: string, ...args: string[]): Promise<CliOutcome> {
  let out = "";
  let said = "";
  const code = await runCommand({
    invocation: parseInvocation(args, {}),
    configuration: defaultConfiguration(dataFolder),
    print: (text) => {
      out += text;
    },
    say: (text) => {
      said += text;
    },
  });
  return { code, out, said };
}
