/** What a terminal session talks to: a shell on a pseudo-terminal, or a program in a container. */
export interface TerminalProcess {
  /** Calls `taken` when more may be written. */
  write(bytes: Uint8Array, taken: () => void): void;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** Hangs up: what does not end by itself is ended. */
  kill(): void;
}

export interface TerminalProcessEvents {
  readonly cols: number;
  readonly rows: number;
  readonly onData: (bytes: Uint8Array) => void;
  /** After the last of the data. */
  readonly onExit: (exitCode: number) => void;
}
