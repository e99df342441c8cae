import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";

const resultFile = z.object({
  command_id: z.string(),
  exit_code: z.number(),
  stdout: z.string(),
  stderr: z.string(),
  execution_time_ms: z.number(),
});
export type SpooledResult = z.infer<typeof resultFile>;

const longestName = 200;

/** Results of commands, on disk from the moment they are there until the core has acked them. */
export class ResultSpool {
  readonly #folder: string;
  readonly #logger: Logger;
  /** What could not be written, because the disk is full: better in memory than nowhere. */
  readonly #inMemory = new Map<string, SpooledResult>();

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Stores a result; it is on the disk when this returns. */
  put(result: SpooledResult): void {
    const file = this.#fileOf(result.command_id);
    try {
      const descriptor = openSync(`${file}.new`, "w", 0o600);
      try {
        writeSync(descriptor, JSON.stringify(result));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(`${file}.new`, file);
    } catch (error) {
      this.#inMemory.set(result.command_id, result);
      this.#logger.warn("a result cannot be kept on disk", { error: describeError(error) });
    }
  }

  get(commandId: string): SpooledResult | undefined {
    return this.#inMemory.get(commandId) ?? this.#read(this.#fileOf(commandId));
  }

  /** Everything that no core has acked. */
  list(): SpooledResult[] {
    const files = readdirSync(this.#folder).filter((name) => name.endsWith(".json"));
    const stored = files.map((name) => this.#read(join(this.#folder, name))).filter((one) => one !== undefined);
    return [...stored, ...this.#inMemory.values()];
  }

  acked(commandId: string): void {
    this.#inMemory.delete(commandId);
    rmSync(this.#fileOf(commandId), { force: true });
  }

  #read(file: string): SpooledResult | undefined {
    try {
      const checked = z.safeParse(resultFile, JSON.parse(readFileSync(file, "utf8")));
      return checked.success ? checked.data : undefined;
    } catch {
      return undefined;
    }
  }

  /** An id comes from the core: it must not become a path, nor a name that no file system takes. */
  #fileOf(commandId: string): string {
    const name = Buffer.from(commandId).toString("hex");
    const short = name.length <= longestName ? name : createHash("sha256").update(commandId).digest("hex");
    return join(this.#folder, `${short}.json`);
  }
}
