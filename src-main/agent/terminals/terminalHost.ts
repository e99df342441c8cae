import { randomBytes } from "node:crypto";
import * as z from "zod/mini";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { describeIssue } from "../../protocols/describeIssue.ts";
import type { Channel } from "../../wire/channels/channel.ts";
import { accountOf, defaultShell, environmentOf, startFolder } from "../commands/shell.ts";
import type { Policy } from "../policy/policy.ts";
import { PtyProcess } from "./ptyProcess.ts";
import { TerminalSession, type TerminalSpec } from "./terminalSession.ts";

export interface TerminalHostOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly policy: Policy;
}

const maxSessions = 32;
const size = (most: number) => z.number().check(z.int(), z.gte(1), z.lte(most));
const text = (longest: number) => z.string().check(z.minLength(1), z.maxLength(longest));

/** What a core asks for when it opens a terminal: docs/protocols/channels.md. */
const terminalParams = z.object({
  /** Set by the core. */
  owner: text(128),
  shell: z.optional(text(1024)),
  cols: z.prefault(size(500), 80),
  rows: z.prefault(size(300), 24),
  cwd: z.optional(text(4096)),
  env: z.optional(z.record(z.string().check(z.regex(/^[A-Z][A-Z0-9_]{0,63}$/)), z.string().check(z.maxLength(1024)))),
  session: z.optional(text(64)),
  offset: z.optional(z.number().check(z.int(), z.gte(0))),
});
type TerminalParams = z.infer<typeof terminalParams>;

/** Variables that change how programs are found or loaded are the owner's business. */
const forbiddenVariable = /^(PATH|IFS|ENV|BASH_ENV|SHELLOPTS|HOME|USER|LOGNAME|SHELL|PICKET_.*|LD_.*|DYLD_.*|NODE_.*)$/;

/** The terminals of this machine, with and without somebody at them. */
export class TerminalHost {
  readonly #options: TerminalHostOptions;
  readonly #sessions = new Map<string, TerminalSession>();

  constructor(options: TerminalHostOptions) {
    this.#options = options;
  }

  /**
   * Opens a terminal on a channel, or takes one up again. `finish` is called when its shell has ended and everything was
   * sent.
   *
   * @throws {PicketError} `FORBIDDEN_BY_POLICY`, `INVALID_PARAMS`, `SESSION_NOT_FOUND`, `CHANNEL_LIMIT`, `UNSUPPORTED`
   */
  async open(params: unknown, channel: Channel, finish: (exitCode: number) => void): Promise<TerminalOpened> {
    const checked = z.safeParse(terminalParams, params);
    if (!checked.success) throw new PicketError("INVALID_PARAMS", { details: describeIssue(checked.error, "params") });
    await this.#options.policy.require("terminal");
    return this.openSession({ ...checked.data, prepare: () => this.#prepareShell(checked.data) }, { channel, finish });
  }

  /**
   * Opens a terminal of any kind, or takes one up again. Whether it is allowed is the caller's matter.
   *
   * @throws {PicketError} `SESSION_NOT_FOUND`, `CHANNEL_LIMIT`, and what the start throws
   */
  async openSession(wanted: WantedTerminal, { channel, finish }: TerminalViewer): Promise<TerminalOpened> {
    const { cols, rows, offset, session: known } = wanted;
    const session = known === undefined ? await this.#start(wanted) : this.#find(known, wanted.owner);
    const from = session.attach({ channel, offset, finished: finish });
    session.resize(cols, rows);
    return { session: session.spec.session, offset: from, end: session.outputEnd, shell: session.spec.shell };
  }

  resize({ session, cols, rows }: { readonly session: string; readonly cols: number; readonly rows: number }): void {
    this.#sessions.get(session)?.resize(cols, rows);
  }

  /** Hangs every shell up. */
  close(): void {
    for (const session of this.#sessions.values()) session.close();
  }

  /** Somebody else's session is as unknown as none. */
  #find(id: string, owner: string): TerminalSession {
    const session = this.#sessions.get(id);
    if (session?.spec.owner !== owner) throw new PicketError("SESSION_NOT_FOUND");
    return session;
  }

  async #start({ owner, cols, rows, prepare }: WantedTerminal): Promise<TerminalSession> {
    const { clock, logger } = this.#options;
    if (this.#sessions.size >= maxSessions) throw new PicketError("CHANNEL_LIMIT", { details: "too many terminals" });
    const spec: TerminalSpec = {
      session: randomBytes(16).toString("hex"),
      owner,
      cols,
      rows,
      ...(await prepare()),
    };
    const session = await TerminalSession.start(spec, clock, () => this.#sessions.delete(spec.session));
    this.#sessions.set(spec.session, session);
    logger.info("a terminal was opened", { owner, shell: spec.shell });
    return session;
  }

  async #prepareShell(params: TerminalParams): Promise<PreparedTerminal> {
    const { policy } = this.#options;
    const { runAs, shells } = await policy.rules();
    const account = accountOf(runAs);
    const shell = params.shell ?? defaultShell(account, shells);
    await policy.requireShell(shell);
    for (const name of Object.keys(params.env ?? {})) {
      if (forbiddenVariable.test(name))
        throw new PicketError("INVALID_PARAMS", { details: `params.env.${name}: not allowed` });
    }
    const options = {
      file: shell,
      args: process.platform === "win32" ? [] : ["-l"],
      cwd: startFolder(account, params.cwd),
      env: environmentOf(account, { ...params.env, TERM: "xterm-256color", COLORTERM: "truecolor" }),
      ...account.ids,
    };
    return { shell, start: (events) => PtyProcess.spawn({ ...options, ...events }) };
  }
}

/** What a terminal runs, ready to be started. */
export type PreparedTerminal = Pick<TerminalSpec, "shell" | "start">;

/** A terminal that somebody wants. */
export interface WantedTerminal {
  readonly owner: string;
  readonly cols: number;
  readonly rows: number;
  /** One that is there already, from this offset of its output on. */
  readonly session?: string | undefined;
  readonly offset?: number | undefined;
  /** Called for a new one. */
  readonly prepare: () => Promise<PreparedTerminal>;
}

export interface TerminalViewer {
  readonly channel: Channel;
  /** Called when what runs has ended and everything was sent. */
  readonly finish: (exitCode: number) => void;
}

export interface TerminalOpened {
  readonly session: string;
  /** The offset of the first byte that follows. */
  readonly offset: number;
  /** Where the output ends that was printed before: what it asks its terminal, an earlier viewer may have answered. */
  readonly end: number;
  readonly shell: string;
}
