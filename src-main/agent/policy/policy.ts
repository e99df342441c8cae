import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import {
  closedRules,
  forbidden,
  openRules,
  type PolicyCapability,
  type PolicyRules,
  readPolicy,
} from "./policySchema.ts";

export interface PolicyOptions {
  /** Where the owner keeps it; without the file everything is allowed. */
  readonly file: string;
  readonly logger: Logger;
}

/**
 * What the owner of this machine allows. The file is looked at whenever something is asked for, so a change holds from
 * the next request on; a file that got broken allows nothing. No message of a core comes near it.
 */
export class Policy {
  readonly #options: PolicyOptions;
  #rules: PolicyRules = openRules;
  /** Which state of the file the rules are of. */
  #stamp = "";
  #fault: string | undefined;

  private constructor(options: PolicyOptions) {
    this.#options = options;
  }

  /** @throws {PicketError} `CONFIG_INVALID` in one sentence: with a broken policy the agent does not start */
  static async load(options: PolicyOptions): Promise<Policy> {
    const policy = new Policy(options);
    await policy.#refresh();
    if (policy.#fault !== undefined) throw new PicketError("CONFIG_INVALID", { message: policy.#fault });
    return policy;
  }

  async rules(): Promise<PolicyRules> {
    await this.#refresh();
    return this.#rules;
  }

  /** @throws {PicketError} `FORBIDDEN_BY_POLICY` */
  async require(capability: PolicyCapability): Promise<PolicyRules> {
    const rules = await this.rules();
    if (!rules.capabilities.has(capability)) throw forbidden(`${capability} is not allowed on this machine`);
    return rules;
  }

  /**
   * @param by what lets commands in at all; the patterns hold for all of them
   * @throws {PicketError} `FORBIDDEN_BY_POLICY`
   */
  async requireCommand(text: string, by: "commands" | "rooms" = "commands"): Promise<PolicyRules> {
    const rules = await this.require(by);
    if (rules.deny.some((pattern) => pattern.test(text))) throw forbidden("a deny pattern matches the command");
    if (rules.allow !== undefined && !rules.allow.some((pattern) => pattern.test(text))) {
      throw forbidden("no allow pattern matches the command");
    }
    return rules;
  }

  /** @throws {PicketError} `FORBIDDEN_BY_POLICY` */
  async requireShell(shell: string): Promise<PolicyRules> {
    const rules = await this.require("terminal");
    if (rules.shells !== undefined && !rules.shells.includes(shell))
      throw forbidden(`the shell ${shell} is not allowed`);
    return rules;
  }

  /**
   * @param name the container's own, not its id
   * @throws {PicketError} `FORBIDDEN_BY_POLICY`
   */
  async requireContainer(name: string): Promise<PolicyRules> {
    const rules = await this.require("containers");
    if (!allowsContainer(rules, name)) throw forbidden("this container is not one of the allowed ones");
    return rules;
  }

  /** What an operator may know of it: what is allowed, not by which pattern. */
  async summary(): Promise<Readonly<Record<string, unknown>>> {
    const { capabilities, shells, allow, deny, containers, logs, runAs } = await this.rules();
    return {
      file: this.#stamp === absent ? null : this.#options.file,
      capabilities: [...capabilities],
      shells: shells ?? null,
      command_patterns: { allow: allow?.length ?? 0, deny: deny.length },
      container_patterns: containers?.length ?? null,
      logs: { system: logs.journald ?? true, files: logs.files.length, lines_per_second: logs.linesPerSecond },
      run_as: runAs ?? userInfo().username,
    };
  }

  async #refresh(): Promise<void> {
    const { file, logger } = this.#options;
    const stamp = stampOf(file);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const fault = stamp === absent ? undefined : await this.#read(file);
    if (stamp === absent) this.#rules = openRules;
    this.#fault = fault;
    if (fault === undefined) return;
    this.#rules = closedRules;
    logger.error("the policy file cannot be used: nothing is allowed until it is put right", { file, fault });
  }

  async #read(file: string): Promise<string | undefined> {
    try {
      const { parse } = await import("yaml");
      const read = readPolicy(parse(readFileSync(file, "utf8")));
      if (!read.ok) return `The policy file ${file} is not valid: ${read.error}.`;
      this.#rules = read.value;
      return undefined;
    } catch (error) {
      const [firstLine] = (error as Error).message.split("\n");
      return `The policy file ${file} cannot be read: ${firstLine}.`;
    }
  }
}

/** Whether the rules allow a container of this name, as far as names go. */
export function allowsContainer({ containers }: PolicyRules, name: string): boolean {
  return containers === undefined || containers.some((pattern) => pattern.test(name));
}

const absent = "absent";

function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    // Only a file that is not there is no policy; one that may not be read is a broken one.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? absent : "unreadable";
  }
}
