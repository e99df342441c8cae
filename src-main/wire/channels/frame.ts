import { wireLimits } from "../connection.ts";

/** The binary frame of channels: `u8 type | u32be channel | body`. See docs/protocols/channels.md. */
export const frameType = { data: 1, window: 2, end: 3, reset: 4 } as const;
export const headerLength = 5;

export type Frame =
  | { readonly type: typeof frameType.data; readonly channel: number; readonly body: Uint8Array }
  | { readonly type: typeof frameType.window; readonly channel: number; readonly bytes: number }
  | { readonly type: typeof frameType.end; readonly channel: number }
  | { readonly type: typeof frameType.reset; readonly channel: number; readonly code: number; readonly reason: string };

/** Why a channel was reset. One byte on the wire. */
export const resetCode = {
  cancelled: 1,
  peerLost: 2,
  windowExceeded: 3,
  unknownChannel: 4,
  failed: 5,
  forbidden: 6,
} as const;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads one frame; undefined when it is malformed, which closes the socket with 1002. The body is a view, not a copy. */
export function parseFrame(bytes: Uint8Array): Frame | undefined {
  if (bytes.length < headerLength) return undefined;
  const channel = readU32(bytes, 1);
  switch (bytes[0]) {
    case frameType.data:
      if (bytes.length - headerLength > wireLimits.maxFrameBody) return undefined;
      return { type: frameType.data, channel, body: bytes.subarray(headerLength) };
    case frameType.window:
      if (bytes.length !== headerLength + 4) return undefined;
      return { type: frameType.window, channel, bytes: readU32(bytes, headerLength) };
    case frameType.end:
      return bytes.length === headerLength ? { type: frameType.end, channel } : undefined;
    case frameType.reset: {
      const code = bytes[headerLength];
      if (code === undefined || bytes.length > 1024) return undefined;
      return { type: frameType.reset, channel, code, reason: decoder.decode(bytes.subarray(headerLength + 1)) };
    }
    default:
      return undefined;
  }
}

export function dataFrame(channel: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerLength + body.length);
  writeHeader(frame, frameType.data, channel);
  frame.set(body, headerLength);
  return frame;
}

export function windowFrame(channel: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(headerLength + 4);
  writeHeader(frame, frameType.window, channel);
  writeU32(frame, headerLength, bytes);
  return frame;
}

export function endFrame(channel: number): Uint8Array {
  const frame = new Uint8Array(headerLength);
  writeHeader(frame, frameType.end, channel);
  return frame;
}

export function resetFrame(channel: number, code: number, reason: string): Uint8Array {
  const text = encoder.encode(reason.slice(0, 200));
  const frame = new Uint8Array(headerLength + 1 + text.length);
  writeHeader(frame, frameType.reset, channel);
  frame[headerLength] = code;
  frame.set(text, headerLength + 1);
  return frame;
}

/** Gives a frame another channel number in place: how a splice passes it on without a copy. */
export function renumber(frame: Uint8Array, channel: number): void {
  writeU32(frame, 1, channel);
}

function writeHeader(frame: Uint8Array, type: number, channel: number): void {
  frame[0] = type;
  writeU32(frame, 1, channel);
}

function readU32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x1000000 + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  );
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
