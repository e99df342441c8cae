/**
 * Matches a path against a pattern, which is a path or one with a segment for any value: `/servers/:id`.
 *
 * @returns the value, empty for a pattern without one; undefined when the path is another
 */
export function matchPath(pattern: string, path: string): string | undefined {
  const start = pattern.indexOf("/:");
  if (start === -1) return path === pattern ? "" : undefined;
  const end = pattern.indexOf("/", start + 1);
  const before = pattern.slice(0, start + 1);
  const after = end === -1 ? "" : pattern.slice(end);
  if (!path.startsWith(before) || !path.endsWith(after) || path.length <= before.length + after.length)
    return undefined;
  const value = path.slice(before.length, path.length - after.length);
  return value.includes("/") ? undefined : decode(value);
}

/** What is no valid encoding stands for nothing. */
function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
