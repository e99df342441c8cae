export const mostTags = 32;
const longestTag = 64;

/** The tags with those that somebody wrote, separated by commas; none twice, none empty, and no more than there may be. */
export function withTags(tags: readonly string[], text: string): string[] {
  const written = text.split(",").map((tag) => tag.trim().slice(0, longestTag));
  return [...new Set([...tags, ...written.filter((tag) => tag !== "")])].slice(0, mostTags);
}
