import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import type { DocumentsAnswer, PlainDocuments } from "./plainDocuments.ts";

type Json = Readonly<Record<string, unknown>>;

/** What the head of a download says. */
export interface PlainHead {
  readonly sha256: string | null;
  readonly file_size: number;
  readonly chunk_size: number;
  readonly total_chunks: number;
}

export interface EncryptedFile {
  readonly head: PlainHead;
  readonly chunks: readonly Json[];
  readonly content: Buffer;
}

/** Asks for a task's bytes and returns the head, to the letter of what may stand in it. */
export async function startDownload(client: PlainDocuments, taskId: string, more: object = {}): Promise<PlainHead> {
  client.send({ action: "download_file", data: { task_id: taskId, ...more }, username: null, token: null });
  const frame = await client.nextJson();
  assert.deepEqual(Object.keys(frame).sort(), ["action", "data"], JSON.stringify(frame));
  assert.equal(frame["action"], "transfer_file");
  const head = frame["data"] as PlainHead;
  assert.deepEqual(Object.keys(head).sort(), ["chunk_size", "file_size", "sha256", "total_chunks"]);
  return head;
}

/** A download as the clients that exist do it: `ready`, encrypted chunks in JSON, the key last. */
export async function downloadEncrypted(client: PlainDocuments, taskId: string): Promise<EncryptedFile> {
  const head = await startDownload(client, taskId);
  client.send("ready");
  const chunks: Json[] = [];
  for (let index = 0; index < head.total_chunks; index += 1) {
    const frame = await client.nextJson();
    assert.deepEqual(Object.keys(frame).sort(), ["action", "data"]);
    assert.equal(frame["action"], "file_chunk");
    chunks.push(frame["data"] as Json);
  }
  if (head.total_chunks === 0) return { head, chunks, content: Buffer.alloc(0) };
  const last = await client.nextJson();
  assert.deepEqual(Object.keys(last).sort(), ["action", "data"]);
  assert.equal(last["action"], "aes_key");
  const { key } = last["data"] as { readonly key: string };
  const iv = Buffer.from(String(chunks[0]?.["iv"]), "base64");
  assert.equal(iv.length, 16);
  const decipher = createDecipheriv("aes-256-cfb8", Buffer.from(key, "base64"), iv);
  const plain = chunks.map((chunk, index) => {
    assert.deepEqual(Object.keys(chunk).sort(), ["chunk", "hash", "index", "iv"]);
    assert.equal(chunk["index"], index);
    assert.equal(chunk["iv"] === "", index > 0, "only the first one has an IV");
    const bytes = decipher.update(Buffer.from(String(chunk["chunk"]), "base64"));
    assert.equal(createHash("sha256").update(bytes).digest("hex"), chunk["hash"]);
    return bytes;
  });
  return { head, chunks, content: Buffer.concat(plain) };
}

/** The raw frames after a head, and the closing answer. */
export async function receiveRaw(
  client: PlainDocuments,
  { chunk_size, total_chunks }: PlainHead,
): Promise<{ readonly content: Buffer; readonly answer: DocumentsAnswer }> {
  const frames: Buffer[] = [];
  for (let index = 0; index < total_chunks; index += 1) {
    const bytes = await client.nextBytes();
    if (index < total_chunks - 1) assert.equal(bytes.length, chunk_size);
    else assert.ok(bytes.length > 0 && bytes.length <= chunk_size);
    frames.push(bytes);
  }
  return { content: Buffer.concat(frames), answer: await client.nextAnswer() };
}

/** Announces an upload and returns what the server says to it. */
export async function announce(client: PlainDocuments, taskId: string, head: unknown): Promise<string> {
  client.send({ action: "upload_file", data: { task_id: taskId }, username: null, token: null });
  assert.deepEqual(await client.nextJson(), {
    action: "transfer_file",
    data: {},
    message: "waiting for file transfer",
  });
  client.send(typeof head === "string" || Buffer.isBuffer(head) ? head : { action: "transfer_file", data: head });
  return client.nextText();
}

/** Sends frames of exactly `frameBytes`: a shorter one, an empty one if need be, is the last. */
export function sendFrames(client: PlainDocuments, content: Buffer, frameBytes = 8192): void {
  for (let at = 0; at <= content.length; at += frameBytes) client.send(content.subarray(at, at + frameBytes));
}

/** An upload as the clients that exist do it, whose closing answer nobody has read. */
export async function uploadPlain(client: PlainDocuments, taskId: string, content: Buffer): Promise<void> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const word = await announce(client, taskId, { file_size: content.length, sha256 });
  assert.equal(word, content.length === 0 ? "stop" : "ready");
  if (content.length > 0) sendFrames(client, content);
}
