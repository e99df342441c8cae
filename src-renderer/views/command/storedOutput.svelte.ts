import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { Link } from "../../state/link.svelte.ts";

export type OutputStream = "stdout" | "stderr";

const pieceLength = 131_072;

/** What an ended command printed on one stream, as far as somebody wanted to see it. */
export class StoredOutput {
  readonly #link: Link;
  readonly #commandId: string;
  readonly #stream: OutputStream;
  #text = $state.raw("");
  #total = $state<number | undefined>();
  #error = $state.raw<PicketError | undefined>();
  #loading = $state(false);

  constructor(link: Link, commandId: string, stream: OutputStream) {
    this.#link = link;
    this.#commandId = commandId;
    this.#stream = stream;
  }

  get text(): string {
    return this.#text;
  }

  /** How many characters there are beyond `text`; undefined before the first answer. */
  get left(): number | undefined {
    return this.#total === undefined ? undefined : Math.max(0, this.#total - this.#text.length);
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  get loading(): boolean {
    return this.#loading;
  }

  /** Reads the next piece. */
  async more(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      const { text, total } = await this.#read(this.#text.length);
      this.#text += text;
      this.#total = total;
      this.#error = undefined;
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (error.code !== "PEER_LOST") this.#error = error;
    }
    this.#loading = false;
  }

  /** @throws {PicketError} all of it, also what is not shown */
  async all(): Promise<string> {
    let text = this.#text;
    let total = this.#total ?? Number.POSITIVE_INFINITY;
    while (text.length < total) {
      const piece = await this.#read(text.length);
      text += piece.text;
      total = piece.text === "" ? 0 : piece.total;
    }
    return text;
  }

  #read(offset: number): Promise<{ readonly text: string; readonly total: number }> {
    return this.#link.request("command-output", {
      commandId: this.#commandId,
      stream: this.#stream,
      offset,
      length: pieceLength,
    });
  }
}
