import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod/mini";
import { PicketError } from "../base/errors.ts";
import type { FileTasks } from "../core/documents/transfers/fileTasks.ts";
import type { OpenUpload } from "../core/documents/transfers/openUpload.ts";
import type { Uploads } from "../core/documents/transfers/uploads.ts";
import type { Revision } from "../core/documents/tree/revision.ts";

export interface UploadRouteOptions {
  readonly uploads: Uploads;
  readonly tasks: Pick<FileTasks, "get">;
  readonly revisions: { get(id: string): Promise<Revision | undefined> };
}

interface UploadRequest {
  Params: { ticket: string };
}

const path = "/api/v1/uploads/:ticket";
/** For how long a sender who was refused may go on before the connection is cut: until then it can read the answer. */
const linger = 5_000;
/** A sender who is silent for so long is gone, in milliseconds; what came is kept. */
const patience = 120_000;

/**
 * A browser that loses a connection which was used before sends its request again by itself, with the whole body and from
 * an offset that is no longer right. One that is new is reported as lost, and the page goes on where the core stands.
 */
const notKept = { connection: "close" };

/** Parts of this size never share their memory with others. */
const ownMemory = 16 * 1024;

const bytes = z.coerce.number().check(z.int(), z.gte(0));
const putQuery = z.object({
  /** Where the body belongs in the file. */
  offset: z.prefault(bytes, 0),
  /** Of the whole file; otherwise the file ends with this body. */
  size: z.optional(bytes),
  sha256: z.optional(z.string()),
});

/**
 * `PUT /api/v1/uploads/{ticket}?offset=N`: bytes of a file by its upload task, in one body or several. `HEAD` tells how many
 * of them the core has. Every answer says so in `Upload-Offset`.
 */
export function registerUploadRoute(app: FastifyInstance, options: UploadRouteOptions): void {
  const { uploads, tasks, revisions } = options;
  app.head<UploadRequest>(path, async ({ params: { ticket } }, reply) => {
    reply.headers({ "cache-control": "no-store", ...notKept });
    const task = await tasks.get(ticket);
    if (task?.mode === "upload" && task.status === "done") {
      // Whoever lost the last answer learns here that it was a good one.
      const size = (await revisions.get(task.revisionId))?.size ?? 0;
      return reply.headers({ "upload-offset": size, "upload-complete": "?1" }).send();
    }
    return reply.headers({ "upload-offset": await uploads.held(ticket), "upload-complete": "?0" }).send();
  });

  void app.register((scope, _options, done) => {
    // The body is not read before the handler reads it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _body, parsed) => parsed(null));
    scope.put<UploadRequest>(path, async (request, reply) => {
      const { ticket } = request.params;
      reply.headers(notKept);
      try {
        return await receive(request, reply, uploads);
      } catch (error) {
        const held = await uploads.held(ticket).catch(() => undefined);
        if (held !== undefined) reply.header("upload-offset", held);
        cutLater(request);
        throw error;
      }
    });
    done();
  });
}

async function receive(request: FastifyRequest<UploadRequest>, reply: FastifyReply, uploads: Uploads): Promise<object> {
  const query = z.safeParse(putQuery, request.query);
  if (!query.success) throw new PicketError("INVALID_PARAMS", { details: "offset, size: whole numbers of bytes" });
  const { offset, sha256 } = query.data;
  const length = request.headers["content-length"];
  const size = query.data.size ?? (length === undefined ? undefined : offset + Number(length));
  if (size === undefined) throw new PicketError("INVALID_PARAMS", { details: "size, or a content-length, is missing" });
  const upload = await uploads.open(request.params.ticket, { size, sha256, offset });
  let isOver = false;
  try {
    if (upload.held !== offset) {
      throw new PicketError("CONFLICT", { message: "The core does not have all bytes before these." });
    }
    await take(request, upload);
    reply.header("upload-offset", upload.held);
    if (upload.held < size) {
      reply.code(202);
      return { offset: upload.held };
    }
    const revision = await upload.finish();
    isOver = true;
    reply.code(201);
    return {
      document_id: revision.documentId,
      revision_id: revision.id,
      size: revision.size,
      sha256: revision.sha256,
    };
  } finally {
    // Why it was not kept is in the log; the sender is told what went wrong first.
    if (!isOver) await upload.suspend().catch(() => {});
  }
}

async function take({ raw }: FastifyRequest<UploadRequest>, upload: OpenUpload): Promise<void> {
  const { socket } = raw;
  // Nobody listens for it: then it ends the connection.
  socket.setTimeout(patience);
  try {
    // Whoever is refused in the middle is to read why: the request must outlive this loop.
    for await (const part of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer<ArrayBuffer>>) {
      await upload.write(part);
      letGo(part);
    }
  } catch (error) {
    if (error instanceof PicketError) throw error;
    throw new PicketError("PEER_LOST", { cause: error });
  } finally {
    socket.setTimeout(0);
  }
}

function cutLater({ raw }: FastifyRequest<UploadRequest>): void {
  if (raw.complete || raw.destroyed) return;
  const timer = setTimeout(() => raw.destroy(), linger);
  raw.once("close", () => clearTimeout(timer));
  raw.resume();
}

/**
 * Gives the memory of a part that was written back at once: the collector lets 64 MiB of such parts gather before it looks.
 * A part whose memory is its own alone is nobody else's any more.
 */
function letGo({ buffer, length }: Buffer<ArrayBuffer>): void {
  if (buffer.byteLength === length && length >= ownMemory) buffer.transfer(0);
}
