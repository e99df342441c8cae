import * as z from "zod/mini";
import { PicketError } from "../../base/errors.ts";
import { fail, type Result, succeed } from "../../base/result.ts";

/** What a node can be asked for. What is not listed in a policy that lists some is refused. */
export const policyCapabilities = ["commands", "terminal", "inventory", "logs", "containers", "rooms"] as const;
export type PolicyCapability = (typeof policyCapabilities)[number];
/**
 * Left out, a list of capabilities means all of them but these: whoever holds a room's token is nobody that this machine
 * knows, so its owner must have named them.
 */
const namedOnly: readonly PolicyCapability[] = ["rooms"];
const unnamedCapabilities = policyCapabilities.filter((one) => !namedOnly.includes(one));

const pattern = z.string().check(z.minLength(1), z.maxLength(1024));

/** The name of a container; a star stands for any characters. */
const containerPattern = z.string().check(z.regex(/^[\w.*-]{1,255}$/));

/** The path of a log file, absolute; with stars for several. */
const logFile = z.string().check(z.regex(/^(\/|[A-Za-z]:[\\/])/), z.maxLength(1024));

/** The policy file as its owner writes it: docs/policy.md. Unknown keys are refused: a typing error must not allow. */
const policyFile = z.strictObject({
  version: z.literal(1),
  capabilities: z.optional(z.array(z.enum(policyCapabilities))),
  shells: z.optional(z.array(z.string()).check(z.minLength(1))),
  commands: z.optional(
    z.strictObject({
      allow: z.optional(z.array(pattern)),
      deny: z.optional(z.array(pattern)),
    }),
  ),
  containers: z.optional(z.strictObject({ allow: z.array(containerPattern).check(z.minLength(1)) })),
  logs: z.optional(
    z.strictObject({
      journald: z.optional(z.boolean()),
      files: z.optional(z.array(logFile).check(z.maxLength(100))),
      mask: z.optional(z.array(pattern).check(z.maxLength(100))),
      max_lines_per_second: z.optional(z.number().check(z.int(), z.gte(1), z.lte(100_000))),
    }),
  ),
  files: z.optional(z.strictObject({ roots: z.array(z.string()) })),
  run_as: z.optional(z.string().check(z.regex(/^[a-z_][\w.-]{0,31}$/i))),
});

/** What lines leave the machine, how fast, and what of them does not. */
export interface LogRules {
  /** The system's own log: undefined where there is one. */
  readonly journald: boolean | undefined;
  /** Files beside it: none unless they are named. */
  readonly files: readonly string[];
  /** Taken out of every line, beside what always is. */
  readonly mask: readonly RegExp[];
  readonly linesPerSecond: number;
}

export interface PolicyRules {
  readonly capabilities: ReadonlySet<PolicyCapability>;
  /** Undefined: any shell. */
  readonly shells: readonly string[] | undefined;
  /** A command must match one of these, when there are some. */
  readonly allow: readonly RegExp[] | undefined;
  /** A command that matches one of these is refused, whatever else allows it. */
  readonly deny: readonly RegExp[];
  /** Patterns of container names; undefined: any. */
  readonly containers: readonly RegExp[] | undefined;
  readonly logs: LogRules;
  readonly fileRoots: readonly string[] | undefined;
  /** The user that commands and terminals run as; undefined: the agent's own. */
  readonly runAs: string | undefined;
}

const openLogs: LogRules = { journald: undefined, files: [], mask: [], linesPerSecond: 500 };

/** Without a policy file: everything that need not be named, as the user that the agent runs as. */
export const openRules: PolicyRules = {
  capabilities: new Set(unnamedCapabilities),
  shells: undefined,
  allow: undefined,
  deny: [],
  containers: undefined,
  logs: openLogs,
  fileRoots: undefined,
  runAs: undefined,
};

/** What holds while the policy file cannot be read: nothing is allowed until its owner has put it right. */
export const closedRules: PolicyRules = { ...openRules, capabilities: new Set() };

/** The rules of a parsed policy file, or one sentence about what is wrong with it. */
export function readPolicy(content: unknown): Result<PolicyRules, string> {
  const checked = z.safeParse(policyFile, content);
  if (!checked.success) return fail(describe(checked.error));
  const { capabilities, shells, commands, containers, logs, files, run_as: runAs } = checked.data;
  try {
    const allow = commands?.allow?.map((source) => new RegExp(source, "u"));
    const deny = commands?.deny?.map((source) => new RegExp(source, "u")) ?? [];
    // Rules about commands mean nothing beside a terminal, in which anything can be typed: it must be asked for by name.
    const limited = allow !== undefined || deny.length > 0;
    // The same holds for containers, where a program may be more than the user that everything else runs as.
    const restrained = limited || runAs !== undefined;
    const unnamed = unnamedCapabilities.filter(
      (one) => !(limited && one === "terminal") && !(restrained && one === "containers"),
    );
    const granted = new Set(capabilities ?? unnamed);
    const names = containers?.allow.map(containerName);
    return succeed({
      capabilities: granted,
      shells,
      allow,
      deny,
      containers: names,
      logs: readLogs(logs),
      fileRoots: files?.roots,
      runAs,
    });
  } catch (error) {
    return fail(`a pattern under "commands" or "logs" is not a regular expression: ${(error as Error).message}`);
  }
}

function readLogs(logs: z.infer<typeof policyFile>["logs"]): LogRules {
  return {
    journald: logs?.journald,
    files: logs?.files ?? [],
    mask: logs?.mask?.map((source) => new RegExp(source, "gu")) ?? [],
    linesPerSecond: logs?.max_lines_per_second ?? openLogs.linesPerSecond,
  };
}

function containerName(pattern: string): RegExp {
  const source = pattern.split("*").map((part) => part.replace(/[.-]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`);
}

function describe(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.map(String).join(".") ?? "";
  if (issue?.code === "unrecognized_keys")
    return `the key "${[path, ...issue.keys].filter(Boolean).join(".")}" is not known`;
  if (path === "") return "it is not a map of keys";
  if (path === "version") return 'the key "version" must be 1';
  return `the key "${path}" has a value that is not allowed there`;
}

/** What a refused request is told. */
export function forbidden(what: string): PicketError {
  return new PicketError("FORBIDDEN_BY_POLICY", { details: what });
}
