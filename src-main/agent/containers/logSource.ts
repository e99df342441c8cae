import type { Readable } from "node:stream";
import { LogDemultiplexer } from "./logDemultiplexer.ts";

/** The output of a container that somebody wants to read. */
export interface LogSpec {
  readonly container: string;
  /** Goes on with what is still to come. */
  readonly follow: boolean;
  /** At most so many of the last lines. */
  readonly tail: number;
  /** Only what was written from this moment on, milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly onData: (bytes: Uint8Array) => void;
  /** After the last of the data. Not called after `close`. */
  readonly onEnd: () => void;
}

export interface LogSourceOptions extends Pick<LogSpec, "onData" | "onEnd"> {
  /** Opens the engine's stream. It may answer only with the first byte, which may never come. */
  readonly open: (abortSignal: AbortSignal) => Promise<Readable>;
  /** A container with a terminal has one stream, and no frames around it. */
  readonly isTerminal: boolean;
}

/** A container's output, while it is read: both of its streams, in the order in which they came. */
export class LogSource {
  readonly #options: LogSourceOptions;
  readonly #abort = new AbortController();
  #stream: Readable | undefined;
  #paused = false;
  #over = false;

  constructor(options: LogSourceOptions) {
    this.#options = options;
    options.open(this.#abort.signal).then(
      (stream) => this.#read(stream),
      () => this.#end(),
    );
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  close(): void {
    this.#over = true;
    this.#abort.abort();
    this.#stream?.destroy();
  }

  #read(stream: Readable): void {
    // Also of one that came too late: what it is destroyed with is nobody's error.
    stream.on("error", () => this.#end());
    if (this.#over) {
      stream.destroy();
      return;
    }
    this.#stream = stream;
    const { isTerminal, onData } = this.#options;
    const demultiplexer = new LogDemultiplexer(onData);
    stream.on("end", () => this.#end());
    // The engine went away in the middle: that is an end too.
    stream.on("close", () => this.#end());
    stream.on("data", (bytes: Uint8Array) => {
      if (isTerminal) onData(bytes);
      else demultiplexer.feed(bytes);
    });
    if (this.#paused) stream.pause();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd();
  }
}
