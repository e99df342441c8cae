import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { PicketError } from "../../src-main/base/errors.ts";
import { fetchOverHttp } from "../../src-renderer/documents/fetchFile.ts";
import { sendOverHttp } from "../../src-renderer/documents/sendFile.ts";
import type { DocumentFiles, FileTarget } from "../../src-renderer/platform/platform.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { ManualClock } from "../support/manualClock.ts";

failOnLeaks();

const mebibyte = 1024 * 1024;
const lost = (): PicketError => new PicketError("PEER_LOST");

/** The core's side over HTTP: keeps what comes, and cuts when it is told to. */
class PlainFiles {
  held = 0;
  sentBytes = 0;
  /** After how many more bytes the connection is cut, one a request; none: never. */
  cuts: number[] = [];
  isComplete = false;
  /** The answer that says so gets lost. */
  loseLastAnswer = false;
  readonly content: Uint8Array;
  fetchedBytes = 0;
  version = "one";
  /** Of a part, in bytes. */
  longest = 2_000;
  sha256: string | undefined;

  constructor(content = new Uint8Array()) {
    this.content = content;
  }

  async heldOf(): Promise<{ held: number; isComplete: boolean }> {
    return { held: this.held, isComplete: this.isComplete };
  }

  send: DocumentFiles["send"] = async (_task, { size, offset, slice, progress }) => {
    assert.equal(offset, this.held, "the slice begins where the core stands");
    const cut = this.cuts.shift();
    const came = Math.min(cut ?? slice.size, slice.size);
    this.sentBytes += came;
    this.held += came;
    progress(this.held);
    if (cut !== undefined) throw lost();
    this.isComplete = this.held === size;
    if (this.isComplete && this.loseLastAnswer) throw lost();
    return { held: this.held, isComplete: this.isComplete };
  };

  fetchFrom: DocumentFiles["fetchFrom"] = async (_task, { offset, length }) => {
    const cut = this.cuts.shift();
    const end = Math.min(this.content.length, offset + Math.min(length, this.longest));
    const part = this.content.subarray(offset, Math.min(end, offset + (cut ?? length)));
    this.fetchedBytes += part.length;
    const { version, sha256 } = this;
    return { size: this.content.length, end, version, sha256, bytes: inPieces(part, cut !== undefined) };
  };
}

async function* inPieces(bytes: Uint8Array, isCut: boolean): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 100) yield bytes.subarray(offset, offset + 100);
  if (isCut) throw lost();
}

class MemoryTarget implements FileTarget {
  readonly bytes: number[] = [];
  isClosed = false;

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    assert.equal(offset, this.bytes.length, "the bytes come in order");
    this.bytes.push(...bytes);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  async abandon(): Promise<void> {}
}

const controls = (signal = new AbortController().signal) => ({ signal, progress: () => {}, sized: () => {} });

/** Lets every wait between two tries pass at once. */
class HurriedClock extends ManualClock {
  override schedule(delay: number, task: () => void): { dispose(): void } {
    const scheduled = super.schedule(delay, task);
    queueMicrotask(() => this.advance(delay));
    return scheduled;
  }
}

test("ten cuts send no byte twice", async () => {
  const files = new PlainFiles();
  files.cuts = Array.from({ length: 10 }, (_, index) => 1_000 + index);
  const file = new File([new Uint8Array(100_000)], "a");
  await sendOverHttp(files as unknown as DocumentFiles, new HurriedClock())("task", file, controls());
  assert.equal(files.sentBytes, 100_000);
});

test("a large file goes in several requests", async () => {
  const files = new PlainFiles();
  const file = new File([new Uint8Array(70 * mebibyte)], "a");
  let requests = 0;
  const counted = {
    ...files,
    heldOf: files.heldOf.bind(files),
    send: (...args: Parameters<DocumentFiles["send"]>) => {
      requests += 1;
      return files.send(...args);
    },
  };
  await sendOverHttp(counted as unknown as DocumentFiles, new HurriedClock())("task", file, controls());
  assert.equal(requests, 3);
  assert.equal(files.sentBytes, 70 * mebibyte);
});

test("when only the last answer got lost, nothing is sent again", async () => {
  const files = new PlainFiles();
  files.loseLastAnswer = true;
  const file = new File([new Uint8Array(1_000)], "a");
  await sendOverHttp(files as unknown as DocumentFiles, new HurriedClock())("task", file, controls());
  assert.equal(files.sentBytes, 1_000);
});

test("an upload without a byte that comes through is given up; one that is refused at once", async () => {
  const files = new PlainFiles();
  files.cuts = Array.from({ length: 50 }, () => 0);
  const file = new File([new Uint8Array(10)], "a");
  const send = sendOverHttp(files as unknown as DocumentFiles, new HurriedClock());
  await assert.rejects(send("task", file, controls()), { code: "PEER_LOST" });
  assert.ok(files.cuts.length > 30, "not for ever");
  const refusing = { ...files, heldOf: async () => Promise.reject(new PicketError("STORAGE_FULL")) };
  await assert.rejects(
    sendOverHttp(refusing as unknown as DocumentFiles, new HurriedClock())("task", file, controls()),
    {
      code: "STORAGE_FULL",
    },
  );
});

test("a download goes on where it was cut, and asks for one task", async () => {
  const content = Uint8Array.from({ length: 5_000 }, (_, index) => index % 251);
  const files = new PlainFiles(content);
  files.cuts = [700, 700, 0, 700];
  const target = new MemoryTarget();
  let tasks = 0;
  const newTask = async (): Promise<string> => {
    tasks += 1;
    return `task ${tasks}`;
  };
  await fetchOverHttp({ files: files as unknown as DocumentFiles, clock: new HurriedClock(), newTask, target })(
    controls(),
  );
  assert.deepEqual(target.bytes, [...content]);
  assert.equal(files.fetchedBytes, 5_000);
  assert.equal(tasks, 1);
  assert.ok(target.isClosed);
});

test("what came is compared with the hash that the core says, also over cuts, and begun anew when it differs", async () => {
  const content = Uint8Array.from({ length: 5_000 }, (_, index) => index % 251);
  const files = new PlainFiles(content);
  files.sha256 = createHash("sha256").update(content).digest("hex");
  files.cuts = [700, 700];
  const newTask = async (): Promise<string> => "task";
  const fetch = (target: FileTarget) =>
    fetchOverHttp({ files: files as unknown as DocumentFiles, clock: new HurriedClock(), newTask, target });
  const good = new MemoryTarget();
  await fetch(good)(controls());
  assert.ok(good.isClosed);
  files.content[3_000] = 255;
  const bad = new MemoryTarget();
  const fetching = fetch(bad);
  await assert.rejects(fetching(controls()), { code: "HASH_MISMATCH" });
  assert.ok(!bad.isClosed);
  files.content[3_000] = 3_000 % 251;
  bad.bytes.length = 0;
  await fetching(controls());
  assert.ok(bad.isClosed);
});

test("halves of two revisions are never put together", async () => {
  const files = new PlainFiles(new Uint8Array(5_000));
  files.cuts = [700];
  const target = new MemoryTarget();
  const fetching = fetchOverHttp({
    files: {
      ...files,
      fetchFrom: (...args: Parameters<DocumentFiles["fetchFrom"]>) => {
        const part = files.fetchFrom(...args);
        files.version = "two";
        return part;
      },
    } as unknown as DocumentFiles,
    clock: new HurriedClock(),
    newTask: async () => "task",
    target,
  });
  await assert.rejects(fetching(controls()), { code: "HASH_MISMATCH" });
  assert.ok(!target.isClosed);
});

test("a pause ends a download and keeps what is there for the next run", async () => {
  const content = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
  const files = new PlainFiles(content);
  const target = new MemoryTarget();
  const fetching = fetchOverHttp({
    files: files as unknown as DocumentFiles,
    clock: new HurriedClock(),
    newTask: async () => "task",
    target,
  });
  const controller = new AbortController();
  const paused = fetching({
    signal: controller.signal,
    sized: () => {},
    progress: (done) => {
      if (done === 1_000) controller.abort();
    },
  });
  await assert.rejects(paused, { name: "AbortError" });
  assert.equal(target.bytes.length, 1_000);
  await fetching(controls());
  assert.deepEqual(target.bytes, [...content]);
});
