import type { Configuration } from "./configuration.ts";
import type { Invocation } from "./invocation.ts";

/** What a subcommand has to work with. */
export interface CommandContext {
  readonly invocation: Invocation;
  readonly configuration: Configuration;
  /** Prints to standard output; data only. */
  readonly print: (text: string) => void;
  /** Prints to standard error; for people. */
  readonly say: (text: string) => void;
}

/** A subcommand; the number is the exit code. */
export type Command = (context: CommandContext) => Promise<number>;
