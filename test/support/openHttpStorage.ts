import type { TestContext } from "node:test";
import { silentLogger } from "../../src-main/base/logger.ts";
import type { Revision } from "../../src-main/core/documents/tree/revision.ts";
import { registerDownloadRoute } from "../../src-main/http/downloadRoute.ts";
import { HttpFront } from "../../src-main/http/httpFront.ts";
import { registerUploadRoute } from "../../src-main/http/uploadRoute.ts";
import { SocketAcceptor } from "../../src-main/wire/node/acceptSocket.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { ManualClock } from "./manualClock.ts";
import { openStorage, type StorageOptions, type TestStorage } from "./openStorage.ts";

export interface HttpStorage {
  readonly url: string;
  readonly storage: TestStorage;
  readonly clock: ManualClock;
}

/** Where files are kept, with its routes on a port of its own. */
export async function openHttpStorage(
  context: Pick<TestContext, "after">,
  options: Omit<StorageOptions, "clock"> = {},
): Promise<HttpStorage> {
  const clock = new ManualClock();
  const keepAlive = new KeepAlive(clock);
  let close: (() => Promise<void>) | undefined;
  // Before the storage closes, nobody may use it.
  context.after(async () => {
    await close?.();
    keepAlive.dispose();
  });
  const storage = await openStorage(context, { ...options, clock });
  const revisions = {
    async get(id: string): Promise<Revision | undefined> {
      const row = await storage.database.kysely
        .selectFrom("revisions")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { document_id: documentId, file_id: fileId, size, blob_hash: hash, created_at: createdAt } = row;
      const [createdBy, activatedAt] = [row.created_by, row.activated_at ?? undefined];
      return { id, documentId, fileId, size, sha256: hash ?? undefined, createdAt, createdBy, activatedAt };
    },
  };
  const front = await HttpFront.create({
    acceptor: new SocketAcceptor(clock, keepAlive),
    endpoints: [],
    allowedHosts: [],
    consoleFolder: undefined,
    logger: silentLogger,
    routes: (app) => {
      registerDownloadRoute(app, storage.downloads);
      registerUploadRoute(app, { ...storage, revisions });
    },
  });
  close = () => front.close();
  const { port } = await front.listen({ host: "127.0.0.1", port: 0 });
  return { url: `http://127.0.0.1:${port}`, storage, clock };
}
