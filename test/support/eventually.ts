/**
 * Waits until `look` returns something other than undefined or false. For what other processes and sockets do; a test of
 * time itself uses `ManualClock`.
 */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 10_000, what = "what the test waits for" }: { readonly within?: number; readonly what?: string } = {},
): Promise<T> {
  const until = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > until) throw new Error(`${what} did not happen within ${within} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
