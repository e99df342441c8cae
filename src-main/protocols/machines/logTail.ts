import * as z from "zod/mini";
import type { Disposable } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import type { Core } from "../../core/core.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { StoredLogEntry } from "../../core/logs/logEntry.ts";
import { lineMatcher, parseLogQuery } from "../../core/logs/logQuery.ts";
import type { LogBatch } from "../../core/logs/logStore.ts";
import type { Stream } from "../../core/streams/stream.ts";
import { describeIssue } from "../describeIssue.ts";
import { visibleNode } from "./dispatch.ts";
import { type LogLine, type LogTailItem, logTailParams } from "./messages/logs.ts";
import { viewLogLine, visibleKeys } from "./requests/logs.ts";

export interface LogTailOptions {
  readonly core: Core;
  /** The user as it is now: a role or group may change while it looks. */
  readonly principal: () => Principal;
  readonly stream: Stream;
}

/** Lines of the past that a tail begins with. */
const maxPast = 1_000;
const pieceUnits = 32 * 1024;

/**
 * Lines as they come in, to one console: JSON, one a line. A console that does not read gets fewer, and is told how many
 * it missed; nobody waits for it.
 */
export class LogTail implements Disposable {
  readonly #options: LogTailOptions;
  readonly #params: z.infer<typeof logTailParams>;
  readonly #wants: (entry: StoredLogEntry) => boolean;
  readonly #subscription: Disposable;
  /** What came in while the past was read. */
  #early: LogBatch[] | undefined = [];
  #skipped = 0;

  private constructor(options: LogTailOptions, params: z.infer<typeof logTailParams>) {
    this.#options = options;
    this.#params = params;
    const { core, stream } = options;
    this.#wants = wanted(params, core);
    this.#subscription = core.logs.onStored((batch) => {
      if (this.#early === undefined) this.#show(batch.entries);
      else this.#early.push(batch);
    });
    stream.whenClosed(() => this.dispose());
    stream.attach({
      data: (bytes) => stream.consumed(bytes.length),
      ended: () => {
        this.dispose();
        stream.end();
      },
      writable: () => this.#tellSkipped(),
      closed: () => this.dispose(),
    });
  }

  /** @throws {PicketError} `INVALID_PARAMS`, `NODE_NOT_FOUND` */
  static open(options: LogTailOptions, params: unknown): LogTail {
    const checked = z.safeParse(logTailParams, params);
    if (!checked.success) {
      throw new PicketError("INVALID_PARAMS", { details: describeIssue(checked.error, "data.params") });
    }
    for (const nodeId of checked.data.nodeIds ?? []) visibleNode(options.core, options.principal(), nodeId);
    return new LogTail(options, checked.data);
  }

  /** Begins to send: the console has been told that it is open. */
  start(): void {
    void this.#showPast(this.#params);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#early = undefined;
  }

  async #showPast({ since, nodeIds, ...filter }: z.infer<typeof logTailParams>): Promise<void> {
    const { core, principal, stream } = this.#options;
    let past: readonly StoredLogEntry[] = [];
    if (since !== undefined) {
      const named = nodeIds?.flatMap((nodeId) => core.nodes.get(nodeId)?.key ?? []);
      const nodeKeys = named ?? visibleKeys(core, principal());
      const request = { ...filter, nodeKeys, from: since, limit: maxPast };
      past = await core.logs.search(request).then(
        ({ entries }) => entries.toReversed(),
        () => [],
      );
    }
    if (stream.isClosed) return;
    this.#show(past);
    const shown = new Set(past.map(({ id }) => id));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const { entries } of early) this.#show(entries.filter(({ id }) => !shown.has(id)));
  }

  #show(entries: readonly StoredLogEntry[]): void {
    const { core, principal } = this.#options;
    let lines: LogLine[] = [];
    let units = 0;
    for (const entry of entries) {
      if (!this.#wants(entry)) continue;
      const line = viewLogLine(entry, core, principal());
      if (line === undefined) continue;
      lines.push(line);
      units += line.message.length + 128;
      if (units < pieceUnits) continue;
      this.#send(lines);
      lines = [];
      units = 0;
    }
    this.#send(lines);
  }

  #send(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    const { stream } = this.#options;
    this.#tellSkipped();
    if (this.#skipped > 0 || stream.writableBytes === 0) this.#skipped += lines.length;
    else this.#write(lines);
  }

  #tellSkipped(): void {
    if (this.#skipped === 0 || this.#options.stream.writableBytes === 0) return;
    const skipped = this.#skipped;
    this.#skipped = 0;
    this.#write([{ skipped }]);
  }

  #write(items: readonly LogTailItem[]): void {
    this.#options.stream.write(new TextEncoder().encode(items.map((item) => `${JSON.stringify(item)}\n`).join("")));
  }
}

function wanted(params: z.infer<typeof logTailParams>, core: Core): (entry: StoredLogEntry) => boolean {
  const { nodeIds, levels, sources, text = "" } = params;
  // By id: the key of a node that is removed and comes back is another one.
  const ids = nodeIds === undefined ? undefined : new Set(nodeIds);
  const matches = lineMatcher(parseLogQuery(text));
  return ({ nodeKey, level, source, message }) =>
    (levels === undefined || levels.includes(level)) &&
    (sources === undefined || sources.includes(source)) &&
    (ids === undefined || ids.has(core.nodes.getByKey(nodeKey)?.nodeId ?? "")) &&
    matches(message);
}
