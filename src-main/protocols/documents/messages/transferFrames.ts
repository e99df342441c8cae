import * as z from "zod/mini";
import { parseJson } from "../../../base/parseJson.ts";
import { whole } from "./define.ts";
import { serverAnswer } from "./serverMessage.ts";

/**
 * What the two ends of a transfer say to each other between the request and the answer, in JSON. They have an action and
 * no code, which tells them from answers. The bare words `ready` and `stop` and the bytes themselves are not JSON.
 */

const fileSize = whole(0, Number.MAX_SAFE_INTEGER);
const sha256 = z.string().check(z.regex(/^[0-9a-fA-F]{64}$/));

/** The frame size of an upload whose client named none. */
export const plainFrameBytes = 8192;
/** The largest frame of an upload: what any server takes in one message. */
export const maxFrameBytes = 1024 * 1024;
/** The largest message of a download: 2 MiB of a file, encrypted, as base64, as JSON. */
export const maxChunkMessageBytes = 4 * 1024 * 1024;

/** What a client announces before an upload. Nothing else may stand in it: that is how servers know their version. */
const uploadHead = z.strictObject({
  action: z.literal("transfer_file"),
  data: z.strictObject({
    file_size: fileSize,
    sha256: z.optional(z.nullable(sha256)),
    /** The largest frame that the client would send. */
    max_chunk_size: z.optional(whole(512, Number.MAX_SAFE_INTEGER)),
    /**
     * Picket's own: the client goes on where the server stands, which the answer says. The value is where the client
     * thinks that this is.
     */
    offset: z.optional(fileSize),
  }),
});
export type UploadHead = z.output<typeof uploadHead>["data"];

/** What a server announces before the bytes of a download. */
const downloadHead = z.object({
  action: z.literal("transfer_file"),
  data: z.object({
    sha256: z.nullable(sha256),
    file_size: fileSize,
    chunk_size: z.int().check(z.gte(0)),
    total_chunks: z.int().check(z.gte(0)),
  }),
});
export type DownloadHead = z.output<typeof downloadHead>["data"];

/** A piece of an encrypted download. */
const fileChunk = z.object({
  action: z.literal("file_chunk"),
  data: z.object({
    index: z.int().check(z.gte(0)),
    /** SHA-256 of the plain piece, in hex. */
    hash: z.string(),
    /** Base64 of 16 bytes in the first one, empty in the others. */
    iv: z.string(),
    /** Base64 of the encrypted piece. */
    chunk: z.string(),
  }),
});
export type FileChunk = z.output<typeof fileChunk>["data"];

/** The end of an encrypted download: base64 of 32 bytes. */
const aesKey = z.object({ action: z.literal("aes_key"), data: z.object({ key: z.string() }) });

/** What a client says before its bytes, or undefined when it is anything else. */
export function parseUploadHead(text: string): UploadHead | undefined {
  const parsed = parseJson(text);
  const checked = parsed.ok ? z.safeParse(uploadHead, parsed.value) : undefined;
  return checked?.success === true ? checked.data.data : undefined;
}

const serverFrames = z.union([
  z.pipe(
    aesKey,
    z.transform(({ data }) => ({ kind: "key" as const, key: data.key })),
  ),
  z.pipe(
    fileChunk,
    z.transform(({ data }) => ({ kind: "chunk" as const, chunk: data })),
  ),
  z.pipe(
    downloadHead,
    z.transform(({ data }) => ({ kind: "download" as const, head: data })),
  ),
  z.pipe(
    z.object({ action: z.literal("transfer_file") }),
    z.transform(() => ({ kind: "upload" as const })),
  ),
  z.pipe(
    serverAnswer,
    z.transform((answer) => ({ kind: "answer" as const, answer })),
  ),
]);
/** What a server says in a transfer: the head of a download, the invitation of an upload, a piece, a key or its answer. */
export type ServerFrame = z.output<typeof serverFrames>;

/** Undefined when it is nothing that belongs in a transfer. */
export function parseServerFrame(text: string): ServerFrame | undefined {
  const parsed = parseJson(text);
  const checked = parsed.ok ? z.safeParse(serverFrames, parsed.value) : undefined;
  return checked?.success === true ? checked.data : undefined;
}
