/** Bytes of a message that are sent; what is longer is cut, and says so. */
export const maxMessageBytes = 16 * 1024;

/** UTF-16 units of a source's name. */
export const maxSourceLength = 128;

/** Says at the end of a message that there was more of it. */
export function withCut(message: string, cut: number): string {
  return cut === 0 ? message : `${message} … [${cut} bytes more]`;
}

/** A message of any length as one that may be sent. */
export function cutMessage(message: string): string {
  // No character takes more than three bytes a unit.
  if (message.length <= maxMessageBytes / 3) return message;
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= maxMessageBytes) return message;
  const kept = new TextDecoder().decode(bytes.subarray(0, maxMessageBytes));
  return withCut(kept.replace(/\ufffd+$/, ""), bytes.length - maxMessageBytes);
}
