import * as z from "zod/mini";
import { PicketError } from "../../base/errors.ts";
import { containerReference } from "../../protocols/containerShapes.ts";
import { describeIssue } from "../../protocols/describeIssue.ts";
import type { Channel } from "../../wire/channels/channel.ts";
import { resetCode } from "../../wire/channels/frame.ts";
import type { Policy } from "../policy/policy.ts";
import type { TerminalHost, TerminalOpened } from "../terminals/terminalHost.ts";
import type { ContainerEngine } from "./containerEngine.ts";
import type { LogSource } from "./logSource.ts";

export interface ContainerStreamsOptions {
  readonly engine: ContainerEngine;
  readonly policy: Policy;
  /** Where terminals live while nobody looks at them. */
  readonly terminals: TerminalHost;
}

export interface StreamEnd {
  readonly channel: Channel;
  /** Says what is known only at the end, and ends the stream. */
  readonly finish: (result: Readonly<Record<string, unknown>>) => void;
}

const whole = (least: number, most: number) => z.number().check(z.int(), z.gte(least), z.lte(most));

/** What a core asks for when it opens one: docs/protocols/channels.md. */
const logParams = z.object({
  container: containerReference,
  follow: z.prefault(z.boolean(), true),
  tail: z.prefault(whole(0, 100_000), 1_000),
  /** Milliseconds since 1970. */
  since: z.optional(z.number().check(z.gte(0))),
});

const execParams = z.object({
  /** Set by the core. */
  owner: z.string().check(z.minLength(1), z.maxLength(128)),
  container: containerReference,
  command: z.optional(z.string().check(z.minLength(1), z.maxLength(32_768))),
  cols: z.prefault(whole(1, 500), 80),
  rows: z.prefault(whole(1, 300), 24),
  session: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  offset: z.optional(whole(0, Number.MAX_SAFE_INTEGER)),
});

/** The streams of containers: what one prints, and a terminal in one. */
export class ContainerStreams {
  readonly #options: ContainerStreamsOptions;

  constructor(options: ContainerStreamsOptions) {
    this.#options = options;
  }

  /**
   * What a container prints, as plain bytes. A slow reader holds the engine back, and nothing else.
   *
   * @throws {PicketError} `INVALID_PARAMS`, and what the engine throws
   */
  async openLogs(params: unknown, { channel, finish }: StreamEnd): Promise<object> {
    const wanted = read(logParams, params);
    let source: LogSource | undefined;
    let isOver = false;
    source = await this.#options.engine.openLogs({
      ...wanted,
      onData: (bytes) => {
        if (!channel.write(bytes)) source?.pause();
      },
      onEnd: () => {
        isOver = true;
        finish({});
      },
    });
    channel.attach({
      data: (bytes) => channel.consumed(bytes.length),
      // Nobody writes to a log: a reader that ends wants no more.
      ended: () => channel.reset(resetCode.cancelled, "closed"),
      writable: () => {
        if (channel.writableBytes > 0) source?.resume();
      },
      closed: () => {
        if (!isOver) source?.close();
      },
    });
    return {};
  }

  /**
   * A terminal in a container, or one that was opened before.
   *
   * @throws {PicketError} `INVALID_PARAMS`, `FORBIDDEN_BY_POLICY`, `SESSION_NOT_FOUND`, and what the engine throws
   */
  async openExec(params: unknown, { channel, finish }: StreamEnd): Promise<TerminalOpened> {
    const wanted = read(execParams, params);
    const { policy, terminals, engine } = this.#options;
    await policy.require("containers");
    await policy.require("terminal");
    const { container, command } = wanted;
    const prepare = async () => ({
      shell: command ?? container,
      start: (events: Parameters<Prepared["start"]>[0]) => engine.exec({ ...events, container, command }),
    });
    return terminals.openSession(
      { ...wanted, prepare },
      { channel, finish: (exitCode) => finish({ exit_code: exitCode }) },
    );
  }
}

type Prepared = Awaited<ReturnType<Parameters<TerminalHost["openSession"]>[0]["prepare"]>>;

function read<S extends z.ZodMiniType>(schema: S, params: unknown): z.output<S> {
  const checked = z.safeParse(schema, params);
  if (checked.success) return checked.data;
  throw new PicketError("INVALID_PARAMS", { details: describeIssue(checked.error, "params") });
}
