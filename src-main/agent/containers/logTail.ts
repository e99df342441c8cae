import { ByteRing } from "../../base/byteRing.ts";

const capacity = 128 * 1024;
/** As JSON: a control character takes six bytes there. */
const longest = 500_000;

/** The last of a container's output, as much as one message can carry. */
export class LogTail {
  readonly #ring = new ByteRing(capacity);

  append(bytes: Uint8Array): void {
    this.#ring.append(bytes);
  }

  text(): string {
    const bytes = new Uint8Array(this.#ring.end - this.#ring.start);
    this.#ring.copy(this.#ring.start, bytes.length, { bytes, at: 0 });
    let text = new TextDecoder().decode(bytes);
    while (JSON.stringify(text).length > longest) text = text.slice(text.length >> 1);
    return text;
  }
}
