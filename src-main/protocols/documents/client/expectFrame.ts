import { PicketError } from "../../../base/errors.ts";
import type { LineMessage, MessageLine } from "../../../wire/messageLine.ts";
import type { ServerAnswer } from "../messages/serverMessage.ts";
import { parseServerFrame, type ServerFrame } from "../messages/transferFrames.ts";
import { DocumentsRefusal } from "./documentsRefusal.ts";

export function sendRequest(
  line: MessageLine,
  request: { readonly action: string; readonly data: object; readonly username: string; readonly token: string },
): void {
  line.sendText(JSON.stringify(request));
}

/** @throws {PicketError} `INVALID_MESSAGE` when it is nothing that belongs in a transfer */
export function frameOf(message: LineMessage): ServerFrame {
  const frame = message.kind === "text" ? parseServerFrame(message.text) : undefined;
  if (frame !== undefined) return frame;
  throw unexpected(message.kind === "text" ? "a text that is no frame" : "bytes where none belong");
}

/** @throws {DocumentsRefusal} unless it is a success */
export function requireSuccess({ code, message, data }: ServerAnswer): void {
  if (code !== 200) throw new DocumentsRefusal(code, message, data);
}

export function unexpected(what: string): PicketError {
  return new PicketError("INVALID_MESSAGE", { details: `the server sent ${what}` });
}
