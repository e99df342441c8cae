import { readdirSync, readFileSync } from "node:fs";

/** Resident bytes of a process. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** Seconds that the threads of a process have had a processor, to the nanosecond: ticks are too coarse for an idle one. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // The thread has ended since the folder was read.
    }
  }
  return nanoseconds / 1e9;
}

/** Waits until a process has used almost no processor for a second, at most `limit` milliseconds. */
export async function untilIdle(pid: number, limit: number): Promise<void> {
  const until = performance.now() + limit;
  for (let before = cpuSeconds(pid); performance.now() < until; ) {
    await pause(1_000);
    const now = cpuSeconds(pid);
    if (now - before < 0.02) return;
    before = now;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
