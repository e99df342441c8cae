/** How many bytes of a file say what kind of picture it is. */
export const imageTypeBytes = 16;

/** The MIME type of a picture by its first bytes, whatever it is called; undefined for anything else. */
export function imageType(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, imageTypeBytes));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "image/gif";
  if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) return "image/webp";
  // Two letters alone are also the beginning of sentences: bytes 6 to 9 of a bitmap are zero.
  if (text.startsWith("BM") && text.startsWith("\0\0\0\0", 6)) return "image/bmp";
  return undefined;
}
