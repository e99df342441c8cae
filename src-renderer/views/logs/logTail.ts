import * as z from "zod/mini";
import type { Disposable } from "../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import { parseJson } from "../../../src-main/base/parseJson.ts";
import type { MachinesClient } from "../../../src-main/protocols/machines/client.ts";
import { type LogLine, logTailItem } from "../../../src-main/protocols/machines/messages/logs.ts";
import type { Channel } from "../../../src-main/wire/channels/channel.ts";
import { resetCode } from "../../../src-main/wire/channels/frame.ts";

export interface LogTailHandler {
  line(line: LogLine): void;
  skipped(count: number): void;
  failed(error: PicketError): void;
}

/** What may be on its way before it was taken: a console that is slow is better told what it missed than shown old lines. */
const windowBytes = 256 * 1024;
const longestRest = 256 * 1024;

/** Lines as they come in, over a channel of one connection. */
export class LogTail implements Disposable {
  /** Settles when it is open, or never will be. */
  readonly opened: Promise<void>;
  readonly #handler: LogTailHandler;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #channel: Channel | undefined;
  /** Bytes that came before it was known to be open. */
  #early = 0;
  #disposed = false;

  constructor(client: MachinesClient, params: Readonly<Record<string, unknown>>, handler: LogTailHandler) {
    this.#handler = handler;
    this.opened = this.#open(client, params);
  }

  dispose(): void {
    this.#disposed = true;
    this.#channel?.reset(resetCode.cancelled, "closed");
  }

  async #open(client: MachinesClient, params: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      const { channel } = await client.openChannel({
        kind: "logs",
        params,
        window: windowBytes,
        handler: {
          data: (bytes) => this.#data(bytes),
          ended() {},
          writable() {},
          closed() {},
        },
      });
      this.#channel = channel;
      channel.consumed(this.#early);
      if (this.#disposed) channel.reset(resetCode.cancelled, "closed");
    } catch (error) {
      if (!this.#disposed) this.#handler.failed(toPicketError(error));
    }
  }

  #data(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, longestRest);
    for (const line of lines) this.#item(line);
    if (this.#channel === undefined) this.#early += bytes.length;
    else this.#channel.consumed(bytes.length);
  }

  #item(text: string): void {
    const parsed = parseJson(text);
    const item = parsed.ok ? z.safeParse(logTailItem, parsed.value) : undefined;
    if (item?.success !== true || this.#disposed) return;
    if ("skipped" in item.data) this.#handler.skipped(item.data.skipped);
    else this.#handler.line(item.data);
  }
}
