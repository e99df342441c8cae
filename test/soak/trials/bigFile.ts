import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, promises } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { systemClock } from "../../../src-main/base/clock.ts";
import type { Hasher } from "../../../src-main/protocols/documents/client/hasher.ts";
import { DocumentsClient } from "../../../src-main/protocols/documents/client.ts";
import { maxChunkMessageBytes } from "../../../src-main/protocols/documents/messages/transferFrames.ts";
import { dialSocket } from "../../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";
import { removeFolder, scratchFolder } from "../../bench/support/cleanUp.ts";
import { pause, residentBytes } from "../../bench/support/processUsage.ts";
import { administrator, CoreProcess } from "../../bench/support/product.ts";
import { CuttingProxy } from "../cuttingProxy.ts";
import { makeFile } from "../makeFile.ts";
import type { Check, SoakOptions, Trial } from "../trial.ts";

const size = 5 * 1024 ** 3;
const cuts = 10;
/** A network of a gigabit: what is on its way when it breaks is what such a network holds, not what fits into memory. */
const bytesPerSecond = 119_000_000;
const blockBytes = 1024 * 1024;
/** What the core may take above what it takes at rest, in bytes. */
const allowedGrowth = 64 * 1024 * 1024;
/** What may go over the wire a second time, as a part of the file. */
const allowedRepeat = 0.01;

/** How one way of moving the file went. */
interface Leg {
  readonly name: string;
  readonly seconds: number;
  readonly cuts: number;
  /** Bytes on the wire beyond the file's own. */
  readonly repeated: number;
  readonly isSame: boolean;
  /** Bytes of the core above its rest, at the most. */
  readonly growth: number;
}

/** A large file up and down, each way both ways, over a network that breaks again and again. */
export const bigFile: Trial = {
  letter: "e",
  title: "a document of 5 GiB up and down through ten cuts each way",
  minutes: 10,
  async run({ say }: SoakOptions): Promise<readonly Check[]> {
    const folder = scratchFolder("soak-e");
    const core = await CoreProcess.start({ dataFolder: join(folder, "data") });
    const proxy = await CuttingProxy.start(Number(new URL(core.url).port), bytesPerSecond);
    const keepAlive = new KeepAlive(systemClock);
    const client = new DocumentsClient({
      clock: systemClock,
      newHash: nativeHash,
      dial: (attach, use) => {
        const port = use === "transfer" ? proxy.port : Number(new URL(core.url).port);
        const url = `ws://127.0.0.1:${port}/cfms`;
        return dialSocket({ url, clock: systemClock, keepAlive, maxMessageBytes: maxChunkMessageBytes }, attach);
      },
    });
    try {
      await client.signIn(administrator);
      const file = join(folder, "file");
      say("the file is made");
      const hash = await makeFile(file, size);
      const legs: Leg[] = [];
      const run = async (name: string, direction: "up" | "down", move: (progress: Progress) => Promise<string>) => {
        say(name);
        legs.push(await leg({ name, direction, core, proxy, hash, move }));
      };
      const upload = async (title: string) => {
        const made = await client.request("create_document", { folder_id: null, title });
        return { taskId: made.task_data.task_id, documentId: made.document_id ?? "" };
      };
      const first = await upload("over HTTP");
      const [up, down] = [
        `http://127.0.0.1:${proxy.port}/api/v1/uploads`,
        `http://127.0.0.1:${proxy.port}/api/v1/downloads`,
      ];
      await run("up over HTTP", "up", async (progress) => {
        await putAll(`${up}/${first.taskId}`, file, progress);
        return "";
      });
      const download = await client.request("get_document", { document_id: first.documentId });
      await run("down over HTTP", "down", (progress) => getAll(`${down}/${download.task_data.task_id}`, progress));
      const second = await upload("over a WebSocket");
      const source = await promises.open(file, "r");
      await run("up over a WebSocket", "up", async (progress) => {
        const sent = await client.upload({
          task: second.taskId,
          size,
          read: async (offset, length) => {
            const bytes = Buffer.allocUnsafe(length);
            const { bytesRead } = await source.read(bytes, 0, length, offset);
            return bytes.subarray(0, bytesRead);
          },
          onProgress: ({ done }) => progress(done),
        });
        return sent.sha256;
      });
      await source.close();
      const other = await client.request("get_document", { document_id: second.documentId });
      await run("down over a WebSocket", "down", async (progress) => {
        const received = createHash("sha256");
        let at = 0;
        await client.download({
          task: other.task_data.task_id,
          target: {
            write(offset, bytes) {
              if (offset !== at) throw new Error(`a hole at ${at}`);
              at += bytes.length;
              received.update(bytes);
              progress(at);
              return undefined;
            },
          },
        });
        return received.digest("hex");
      });
      return legs.flatMap(checks);
    } finally {
      client.dispose();
      keepAlive.dispose();
      proxy.close();
      await core.stop();
      removeFolder(folder);
    }
  },
};

type Progress = (done: number) => void;

interface LegOptions {
  readonly name: string;
  readonly direction: "up" | "down";
  readonly core: CoreProcess;
  readonly proxy: CuttingProxy;
  readonly hash: string;
  /** Moves the file; returns its hash where only this side knows it. */
  readonly move: (progress: Progress) => Promise<string>;
}

async function leg({ name, direction, core, proxy, hash, move }: LegOptions): Promise<Leg> {
  await pause(3_000);
  const rest = residentBytes(core.pid);
  let most = rest;
  const sampler = setInterval(() => {
    most = Math.max(most, residentBytes(core.pid));
  }, 100);
  const before = proxy.bytes[direction];
  const started = performance.now();
  let done = 0;
  const moved = await move((progress) => {
    const isDue = progress > ((done + 1) * size) / (cuts + 1);
    if (!isDue || done === cuts) return;
    done += 1;
    proxy.cut();
  });
  clearInterval(sampler);
  const seconds = (performance.now() - started) / 1000;
  const repeated = proxy.bytes[direction] - before - size;
  return { name, seconds, cuts: done, repeated, isSame: moved === "" || moved === hash, growth: most - rest };
}

function checks({ name, seconds, cuts: made, repeated, isSame, growth }: Leg): Check[] {
  const share = repeated / size;
  return [
    {
      what: `${name}: the same file after ${made} cuts`,
      value: `${seconds.toFixed(0)} s`,
      ok: isSame && made === cuts,
    },
    { what: `${name}: sent again`, value: `${(share * 100).toFixed(2)} %`, ok: share < allowedRepeat },
    {
      what: `${name}: memory of the core above its rest`,
      value: `${(growth / 2 ** 20).toFixed(0)} MiB`,
      ok: growth < allowedGrowth,
    },
  ];
}

/** As a browser would: asks where the core is, and sends the rest, until all is there. */
async function putAll(url: string, file: string, progress: Progress): Promise<void> {
  for (;;) {
    const { headers } = await answerOf(url, { method: "HEAD" });
    if (headers["upload-complete"] === "?1") return;
    const offset = Number(headers["upload-offset"]);
    try {
      await put(`${url}?offset=${offset}`, { file, offset, progress });
    } catch {
      // Cut: the next round asks how far it came.
    }
  }
}

async function put(
  url: string,
  { file, offset, progress }: { readonly file: string; readonly offset: number; readonly progress: Progress },
): Promise<void> {
  const outgoing = request(url, { method: "PUT", headers: { "content-length": size - offset }, agent: false });
  const source = createReadStream(file, { start: offset, highWaterMark: blockBytes });
  const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
  const failed = once(outgoing, "close").then(() => Promise.reject(new Error("cut")));
  failed.catch(() => {});
  answered.catch(() => {});
  try {
    let sent = offset;
    for await (const part of source as AsyncIterable<Buffer>) {
      if (!outgoing.write(part)) await Promise.race([once(outgoing, "drain"), failed]);
      sent += part.length;
      progress(sent);
    }
    outgoing.end();
    const [response] = await Promise.race([answered, failed]);
    response.resume();
    if (response.statusCode !== 201) throw new Error(`answered ${response.statusCode}`);
  } finally {
    source.destroy();
    outgoing.on("error", () => {}).destroy();
  }
}

/** As a browser would: from where it was cut, as long as it is the same file. */
async function getAll(url: string, progress: Progress): Promise<string> {
  const hash = createHash("sha256");
  let etag: string | undefined;
  for (let at = 0; at < size; ) {
    try {
      const headers = etag === undefined ? {} : { range: `bytes=${at}-`, "if-range": etag };
      const response = await answerOf(url, { method: "GET", headers });
      if (response.statusCode !== (etag === undefined ? 200 : 206)) throw new Error(`answered ${response.statusCode}`);
      etag = String(response.headers.etag);
      for await (const part of response as AsyncIterable<Buffer>) {
        hash.update(part);
        at += part.length;
        progress(at);
      }
    } catch {
      await pause(10);
    }
  }
  return hash.digest("hex");
}

function answerOf(url: string, options: { readonly method: string; readonly headers?: Record<string, string> }) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { ...options, agent: false }, resolve)
      .on("error", reject)
      .end();
  });
}

function nativeHash(): Hasher {
  const hash = createHash("sha256");
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest("hex"),
  };
}
