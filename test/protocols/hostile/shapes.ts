/** Values that no field expects, for messages that are otherwise right. */

/** JSON that is nested so deeply that a parser which calls itself could run out of stack. */
export function nested(depth: number): string {
  return `${"[".repeat(depth)}${"]".repeat(depth)}`;
}

export function nestedObjects(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
}

/** A frame of channels: `u8 type | u32be channel | body`. */
export function frame(type: number, channel: number, body: Uint8Array | string = ""): Buffer {
  const header = Buffer.alloc(5);
  header[0] = type;
  header.writeUInt32BE(channel, 1);
  return Buffer.concat([header, Buffer.from(body as string)]);
}

export function windowOf(bytes: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(bytes);
  return body;
}

export const megabyte = 1024 * 1024;
/** A half of a pair: no text that could be written down. */
export const loneSurrogate = "\ud800";
