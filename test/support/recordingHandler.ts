import type { ConnectionHandler } from "../../src-main/wire/connection.ts";
import { eventually } from "./eventually.ts";

/** Keeps what a connection says, for a test to look at. */
export class RecordingHandler implements ConnectionHandler {
  readonly texts: string[] = [];
  readonly binaries: Uint8Array[] = [];
  /** Texts and binary messages in the order in which they came. */
  readonly messages: (string | Uint8Array)[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  drains = 0;

  text(message: string): void {
    this.texts.push(message);
    this.messages.push(message);
  }

  binary(bytes: Uint8Array): void {
    const copy = Uint8Array.from(bytes);
    this.binaries.push(copy);
    this.messages.push(copy);
  }

  closed(code: number, reason: string): void {
    this.closes.push({ code, reason });
  }

  drained(): void {
    this.drains += 1;
  }

  /** How the connection closed, when it has. */
  whenClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    return eventually(() => this.closes[0], { what: "the close" });
  }
}
