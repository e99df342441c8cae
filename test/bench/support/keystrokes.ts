import { type EchoResult, type Line, Printed } from "./line.ts";

export interface Typing {
  readonly keys: number;
  /** Milliseconds between an echo and the next key. */
  readonly pace: number;
}

const warmUp = 200;
const limit = 10_000;
const letters = "abcdefghijklmnopqrstuvwxyz";

/** Types single keys into a program that sends each back, and takes the time of every echo. */
export async function measureEcho(line: Line, { keys, pace }: Typing): Promise<EchoResult> {
  const shell = new Printed(line);
  await shell.after("stty -echo; PS1=", "READY");
  // Without the kernel's own echo: a key goes to the program and comes back, as in any shell with line editing.
  await shell.after("stty raw -echo", "RAW", "exec cat");
  const times: number[] = [];
  for (let key = 0; key < warmUp + keys; key += 1) {
    const time = await echo(line, letters[key % letters.length] ?? "x");
    if (key >= warmUp) times.push(time);
    await new Promise((resolve) => setTimeout(resolve, pace));
  }
  return { times };
}

function echo(line: Line, letter: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error(`the echo of a key did not come within ${limit} ms`)), limit);
  const startedAt = performance.now();
  line.onData = (bytes) => {
    if (bytes[0] !== letter.charCodeAt(0)) return;
    clearTimeout(timer);
    resolve(performance.now() - startedAt);
  };
  line.type(letter);
  return promise;
}
