import { refusalDelay } from "../../src-main/core/identity/authentication.ts";
import { eventually } from "./eventually.ts";
import type { ManualClock } from "./manualClock.ts";
import type { DocumentsAnswer } from "./plainDocuments.ts";

/**
 * The answer to somebody who is refused, which takes three seconds of the clock. Its timer starts when the password was
 * looked at, and that is real work.
 *
 * @param ask sends the request
 */
export async function passRefusal(clock: ManualClock, ask: () => Promise<DocumentsAnswer>): Promise<DocumentsAnswer> {
  const before = clock.timerCount;
  let answered = false;
  const answer = ask().finally(() => {
    answered = true;
  });
  await eventually(() => answered || clock.timerCount > before, { what: "the answer that waits" });
  if (answered) throw new Error(`the answer did not wait: ${JSON.stringify(await answer)}`);
  clock.advance(refusalDelay - 1);
  clock.advance(1);
  return answer;
}
