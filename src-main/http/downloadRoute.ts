import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Downloads } from "../core/documents/transfers/downloads.ts";
import type { OpenDownload } from "../core/documents/transfers/openDownload.ts";
import { type ByteRange, readRange } from "./byteRange.ts";
import { contentDisposition } from "./contentDisposition.ts";
import { previewType } from "./previewType.ts";

const blockBytes = 1024 * 1024;
/** A reader that takes nothing for so long is gone, in milliseconds; it can go on with a range. */
const patience = 600_000;
/** No file of somebody's is a page of ours, whatever it says it is. */
const sandbox = "default-src 'none'; sandbox; frame-ancestors 'self'";
/** Browsers show PDF with a viewer of their own, which a sandbox keeps from starting; nothing in the file runs here. */
const pdfPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";

interface DownloadRequest {
  Params: { ticket: string };
  Querystring: { inline?: string };
}

/** `GET /api/v1/downloads/{ticket}`: a file by its download task, whole or in ranges, until the task ends. */
export function registerDownloadRoute(app: FastifyInstance, downloads: Downloads): void {
  app.route<DownloadRequest>({
    method: ["GET", "HEAD"],
    url: "/api/v1/downloads/:ticket",
    exposeHeadRoute: false,
    async handler(request, reply) {
      const download = await downloads.open(request.params.ticket);
      try {
        const body = answer(request, reply, download);
        if (body === undefined || request.method === "HEAD") return await reply.send();
        reply.raw.setTimeout(patience);
        await sendBytes(reply, download, body);
        return reply;
      } finally {
        await download.close();
      }
    },
  });
}

/** Writes the head of the answer. @returns the bytes that follow it, undefined when none do */
function answer(
  request: FastifyRequest<DownloadRequest>,
  reply: FastifyReply,
  { sha256, size, title }: OpenDownload,
): ByteRange | undefined {
  const { headers, query } = request;
  const etag = `"${sha256}"`;
  const shown = query.inline === "1" ? previewType(title) : undefined;
  reply.headers({
    etag,
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    "content-type": shown ?? "application/octet-stream",
    "content-disposition": contentDisposition(shown === undefined ? "attachment" : "inline", title),
    "content-security-policy": shown === "application/pdf" ? pdfPolicy : sandbox,
    "x-frame-options": "SAMEORIGIN",
  });
  if (headers["if-none-match"]?.split(",").some((known) => known.trim().replace(/^W\//, "") === etag)) {
    reply.code(304);
    return undefined;
  }
  // A range of a file that the reader has another version of would be put together with the wrong rest.
  const isSame = headers["if-range"] === undefined || headers["if-range"] === etag;
  const range = isSame ? readRange(headers.range, size) : undefined;
  if (range === "outside") {
    reply.code(416).headers({ "content-range": `bytes */${size}`, "content-length": 0 });
    return undefined;
  }
  if (range !== undefined) reply.code(206).header("content-range", `bytes ${range.start}-${range.end - 1}/${size}`);
  const { start, end } = range ?? { start: 0, end: size };
  reply.header("content-length", end - start);
  return { start, end };
}

/**
 * Sends the bytes past Fastify, out of two blocks that are used over and over: with fresh memory for each of them the
 * collector lets 64 MiB gather before it looks. What fails before the first block is an answer, after it a cut.
 */
async function sendBytes(reply: FastifyReply, download: OpenDownload, { start, end }: ByteRange): Promise<void> {
  const memory = [new Uint8Array(blockBytes), new Uint8Array(blockBytes)] as const;
  const read = (offset: number, turn: number): Promise<Uint8Array> =>
    download.read(offset, Math.min(blockBytes, end - offset), memory[turn % 2 === 0 ? 0 : 1]);
  let block = start < end ? await read(start, 0) : undefined;
  const { raw } = reply;
  reply.hijack();
  try {
    raw.statusCode = reply.statusCode;
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
    for (let offset = start, turn = 1; block !== undefined; turn += 1) {
      offset += block.length;
      const [next] = await Promise.all([offset < end ? read(offset, turn) : undefined, written(raw, block)]);
      block = next;
    }
    raw.end();
  } catch {
    raw.destroy();
  }
}

/** Resolves when the network has taken the bytes. @throws when the reader is gone */
function written(raw: ServerResponse, block: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("the reader is gone"));
    raw.once("close", gone);
    raw.write(block, (error) => {
      raw.off("close", gone);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
    if (raw.destroyed) gone();
  });
}
