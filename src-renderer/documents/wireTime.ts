/** What a server calls seconds since 1970, as milliseconds that every calendar can show: it may say any number. */
export function wireTime(seconds: number): number {
  return Math.min(Math.max(seconds * 1000, 0), 8.64e15);
}
