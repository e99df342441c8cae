import assert from "node:assert/strict";
import { after } from "node:test";

/** Handles that belong to the test runner and to standard input and output. */
const ownResources = new Set(["TTYWrap", "PipeWrap", "FSReqCallback", "CloseReq", "Immediate", "TickObject"]);
/** Longer than the longest grace of the program: a shell that does not hear that it was hung up is killed after 5 s. */
const patience = 8_000;

/**
 * Fails the file when something that was opened in it is still open at its end: a socket, a timer, a process, a worker,
 * a watcher. Call it once at the top of the file.
 */
export function failOnLeaks(): void {
  const before = count();
  after(async () => {
    const until = performance.now() + patience;
    let left = leaked(before);
    while (left.length > 0 && performance.now() < until) {
      await new Promise((resolve) => setImmediate(resolve));
      left = leaked(before);
    }
    assert.deepEqual(left, [], `still open at the end of the file: ${left.join(", ")}`);
  });
}

function leaked(before: ReadonlyMap<string, number>): string[] {
  return [...count()]
    .filter(([type, number]) => number > (before.get(type) ?? 0))
    .map(([type, number]) => `${number} ${type}`);
}

function count(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    if (!ownResources.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}
