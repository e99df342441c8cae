/** A line that is longer is nothing that an engine has to say. */
const longestLine = 256 * 1024;

/** Cuts bytes into lines of text. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  feed(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    const rest = lines.pop() ?? "";
    this.#rest = rest.length > longestLine ? "" : rest;
    for (const line of lines) if (line.trim() !== "") this.#onLine(line);
  }
}
