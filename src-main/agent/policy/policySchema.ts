import * as z from "zod/mini";
import { PicketError } from "../../base/errors.ts";
import { fail, type Result, succeed } from "../../base/result.ts";

/** What a node can be asked for. What is not listed in a policy that lists some is refused. */
export const policyCapabilities = ["commands", "terminal", "inventory"] as const;
export type PolicyCapability = (typeof policyCapabilities)[number];

const pattern = z.string().check(z.minLength(1), z.maxLength(1024));

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
  files: z.optional(z.strictObject({ roots: z.array(z.string()) })),
  run_as: z.optional(z.string().check(z.regex(/^[a-z_][\w.-]{0,31}$/i))),
});

export interface PolicyRules {
  readonly capabilities: ReadonlySet<PolicyCapability>;
  /** Undefined: any shell. */
  readonly shells: readonly string[] | undefined;
  /** A command must match one of these, when there are some. */
  readonly allow: readonly RegExp[] | undefined;
  /** A command that matches one of these is refused, whatever else allows it. */
  readonly deny: readonly RegExp[];
  readonly fileRoots: readonly string[] | undefined;
  /** The user that commands and terminals run as; undefined: the agent's own. */
  readonly runAs: string | undefined;
}

/** Without a policy file: everything that this version can do, as the user that the agent runs as. */
export const openRules: PolicyRules = {
  capabilities: new Set(policyCapabilities),
  shells: undefined,
  allow: undefined,
  deny: [],
  fileRoots: undefined,
  runAs: undefined,
};

/** What holds while the policy file cannot be read: nothing is allowed until its owner has put it right. */
export const closedRules: PolicyRules = { ...openRules, capabilities: new Set() };

/** The rules of a parsed policy file, or one sentence about what is wrong with it. */
export function readPolicy(content: unknown): Result<PolicyRules, string> {
  const checked = z.safeParse(policyFile, content);
  if (!checked.success) return fail(describe(checked.error));
  const { capabilities, shells, commands, files, run_as: runAs } = checked.data;
  try {
    const allow = commands?.allow?.map((source) => new RegExp(source, "u"));
    const deny = commands?.deny?.map((source) => new RegExp(source, "u")) ?? [];
    // Rules about commands mean nothing beside a terminal, in which anything can be typed: it must be asked for by name.
    const limited = allow !== undefined || deny.length > 0;
    const unnamed = policyCapabilities.filter((one) => !(limited && one === "terminal"));
    const granted = new Set(capabilities ?? unnamed);
    return succeed({ capabilities: granted, shells, allow, deny, fileRoots: files?.roots, runAs });
  } catch (error) {
    return fail(`a pattern under "commands" is not a regular expression: ${(error as Error).message}`);
  }
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
