import { PicketError } from "../../base/errors.ts";

/** Bytes in UTF-8, as the file systems have it that documents are downloaded to. */
const longestName = 255;

/** Names that Windows gives to devices, with any ending and in any case. */
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** They turn the writing direction, so that a name reads as another one. */
const turning = /[\u202a-\u202e\u2066-\u2069]/;
const visible = /[^\p{Z}\p{C}]/u;
const encoder = new TextEncoder();

/**
 * A name for a folder or a document as it is stored: with composed characters (NFC), so that two that look alike are one.
 *
 * @throws {PicketError} `NAME_INVALID`, its details say why
 */
export function checkName(name: string): string {
  const fault = faultOf(name);
  if (fault !== undefined) throw new PicketError("NAME_INVALID", { details: fault });
  const stored = name.normalize("NFC");
  if (encoder.encode(stored).length > longestName) {
    throw new PicketError("NAME_INVALID", { details: `it is longer than ${longestName} bytes` });
  }
  return stored;
}

function faultOf(name: string): string | undefined {
  if (name === "") return "it is empty";
  // Normalising takes time with the length: nothing that is far too long gets there.
  if (name.length > longestName) return `it is longer than ${longestName} bytes`;
  if (!name.isWellFormed()) return "it has half a character";
  if (control.test(name)) return "it has a control character";
  if (turning.test(name)) return "it has a character that turns the writing direction";
  if (/[/\\]/.test(name)) return "it has a slash";
  if (!visible.test(name)) return "nothing of it can be seen";
  if (name === "." || name === "..") return "it stands for a folder";
  if (/[. ]$/.test(name)) return "it ends with a dot or a space";
  if (reserved.test(name)) return "Windows reserves it";
  return undefined;
}
