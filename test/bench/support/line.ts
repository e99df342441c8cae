/** A terminal as somebody at its far end has it, whatever is in between. */
export interface Line {
  /** Types. */
  type(text: string): void;
  /** Told what the terminal prints. Set before anything is typed. */
  onData: (bytes: Uint8Array) => void;
  /** Hangs up. */
  close(): void;
}

export interface Flood {
  readonly file: string;
  /** Bytes of the file, and how many line ends it has: the terminal makes two bytes of each. */
  readonly bytes: number;
  readonly lines: number;
  readonly sha256: string;
}

export interface FloodResult {
  /** Megabytes (10⁶) of the file per second, from the typed command to the last byte. */
  readonly perSecond: number;
}

export interface EchoResult {
  /** Milliseconds from each key to its echo. */
  readonly times: readonly number[];
}

/** Waits for what a shell prints. Put together by `printf`, it is not what the echo of the typed command shows. */
export class Printed {
  readonly #line: Line;
  #text = "";
  #wanted: string | undefined;
  #found: (() => void) | undefined;

  constructor(line: Line) {
    this.#line = line;
    line.onData = (bytes) => {
      this.#text = `${this.#text}${Buffer.from(bytes).toString("latin1")}`.slice(-8192);
      if (this.#wanted === undefined || !this.#text.includes(this.#wanted)) return;
      this.#wanted = undefined;
      this.#text = "";
      this.#found?.();
    };
  }

  /** Types a command, has `mark` printed behind it, and waits for that; then the shell goes on with `next`. */
  async after(command: string, mark: string, next = ":"): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#wanted = `BENCH-${mark}`;
    this.#found = resolve;
    const timer = setTimeout(() => reject(new Error(`${mark} was not printed within 20 s: ${this.#text}`)), 20_000);
    this.#line.type(`${command}; printf 'BENCH-%s' ${mark}; ${next}\n`);
    await promise;
    clearTimeout(timer);
  }
}
