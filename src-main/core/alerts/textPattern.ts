/** Tells whether a text fits a pattern. */
export type TextPattern = (text: string) => boolean;

/** Longer texts are looked at as far as this. */
const longest = 16_384;

/**
 * Plain text in which `*` stands for anything; capitals do not matter. No regular expressions: a node's text must not be
 * able to keep the core busy.
 *
 * @param whole whether the pattern must cover the text from end to end, or may lie anywhere in it
 */
export function textPattern(pattern: string, { whole }: { readonly whole: boolean }): TextPattern {
  const parts = pattern.toLowerCase().split("*");
  const first = whole ? (parts.shift() ?? "") : "";
  const last = whole && parts.length > 0 ? (parts.pop() ?? "") : undefined;
  return (given) => {
    const text = given.slice(0, longest).toLowerCase();
    if (!text.startsWith(first)) return false;
    // Without a `*` there is only the first part.
    if (whole && last === undefined) return text === first;
    let at = first.length;
    for (const part of parts) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return last === undefined || (text.length - last.length >= at && text.endsWith(last));
  };
}
