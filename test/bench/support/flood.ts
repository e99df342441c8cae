import { createHash } from "node:crypto";
import { type Flood, type FloodResult, type Line, Printed } from "./line.ts";

const limit = 120_000;
const carriageReturn = 13;

/** Types `cat FILE` and takes the time until its last byte is there. What came is checked afterwards, to the byte. */
export async function measureFlood(line: Line, flood: Flood): Promise<FloodResult> {
  await new Printed(line).after("stty -echo; PS1=", "READY");
  const size = flood.bytes + flood.lines;
  const received = Buffer.alloc(size);
  let filled = 0;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error(`${filled} of ${size} bytes came within ${limit} ms`)), limit);
  const startedAt = performance.now();
  line.onData = (bytes) => {
    if (filled + bytes.length > size) {
      reject(new Error(`more than the ${size} bytes of the file came`));
      return;
    }
    received.set(bytes, filled);
    filled += bytes.length;
    if (filled === size) resolve(performance.now() - startedAt);
  };
  line.type(`cat '${flood.file}'\n`);
  const time = await promise;
  clearTimeout(timer);
  line.onData = () => {};
  if (createHash("sha256").update(withoutReturns(received)).digest("hex") !== flood.sha256) {
    throw new Error("what came is not what the file holds");
  }
  return { perSecond: flood.bytes / 1e6 / (time / 1000) };
}

function withoutReturns(bytes: Buffer): Buffer {
  const plain = Buffer.alloc(bytes.length);
  let length = 0;
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(carriageReturn, from);
    const end = found === -1 ? bytes.length : found;
    length += bytes.copy(plain, length, from, end);
    from = end + 1;
  }
  return plain.subarray(0, length);
}
