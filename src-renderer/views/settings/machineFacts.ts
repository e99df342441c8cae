import * as z from "zod/mini";

/** What this agent tells about itself, as far as the settings show it. */
export interface MachineFacts {
  readonly version: string | undefined;
  readonly policy: MachinePolicy | undefined;
}

export interface MachinePolicy {
  /** Undefined: there is no file, and everything is allowed. */
  readonly file: string | undefined;
  readonly capabilities: readonly string[];
  /** Undefined: any. */
  readonly shells: readonly string[] | undefined;
  readonly allow: number;
  readonly deny: number;
  readonly runAs: string | undefined;
}

const agentFacts = z.object({
  agent: z.object({
    version: z.optional(z.string()),
    policy: z.optional(
      z.object({
        file: z.optional(z.nullable(z.string())),
        capabilities: z.array(z.string()),
        shells: z.optional(z.nullable(z.array(z.string()))),
        command_patterns: z.optional(z.object({ allow: z.number(), deny: z.number() })),
        run_as: z.optional(z.string()),
      }),
    ),
  }),
});

/** Facts are a node's own words: what is not as expected is not there. */
export function readMachineFacts(facts: unknown): MachineFacts {
  const checked = z.safeParse(agentFacts, facts);
  if (!checked.success) return { version: undefined, policy: undefined };
  const { version, policy } = checked.data.agent;
  if (policy === undefined) return { version, policy: undefined };
  const { file, capabilities, shells, command_patterns: patterns, run_as: runAs } = policy;
  return {
    version,
    policy: {
      file: file ?? undefined,
      capabilities,
      shells: shells ?? undefined,
      allow: patterns?.allow ?? 0,
      deny: patterns?.deny ?? 0,
      runAs,
    },
  };
}
