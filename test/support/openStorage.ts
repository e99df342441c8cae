import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import { type Logger, silentLogger } from "../../src-main/base/logger.ts";
import type { DocumentLimits } from "../../src-main/core/documents/documentLimits.ts";
import { type DocumentStorage, openDocumentStorage } from "../../src-main/core/documents/documentStorage.ts";
import type { OpenFile } from "../../src-main/core/documents/transfers/stagedFile.ts";
import type { Revision } from "../../src-main/core/documents/tree/revision.ts";
import { Database } from "../../src-main/store/database.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface StorageOptions {
  readonly clock?: Clock;
  readonly folder?: string;
  readonly limits?: Partial<DocumentLimits>;
  readonly logger?: Logger;
  readonly openFile?: OpenFile;
}

export interface TestStorage extends DocumentStorage {
  readonly database: Database;
  readonly folder: string;
  /** A document without a revision that shows. */
  newDocument(title?: string): Promise<string>;
  newRevision(documentId: string, by?: string): Promise<string>;
  /** A document with an upload's task for its first revision. */
  newUpload(options?: { readonly title?: string; readonly by?: string }): Promise<Upload>;
  /** Stores a document of these bytes. */
  store(content: Uint8Array, options?: { readonly title?: string; readonly by?: string }): Promise<Revision>;
  /** All of a revision's bytes. */
  read(revisionId: string): Promise<Buffer>;
  /** The files of complete uploads, by hash. */
  files(): readonly string[];
  /** What lies where files are that are not complete. */
  incoming(): readonly string[];
}

export interface Upload {
  readonly taskId: string;
  readonly documentId: string;
  readonly revisionId: string;
}

/** Where files are kept, with a real database, in a folder of its own. */
export async function openStorage(
  context: Pick<TestContext, "after">,
  options: StorageOptions = {},
): Promise<TestStorage> {
  const { clock = systemClock, folder = temporaryFolder(context), limits, logger = silentLogger, openFile } = options;
  const database = await Database.open({ file: join(folder, "picket.db") });
  const storage = await openDocumentStorage({
    folder,
    database,
    clock,
    logger,
    openFile,
    limits: { perUser: 0, perFile: 0, ...limits },
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await storage.close();
    await database.close();
  };
  context.after(close);
  const { kysely } = database;
  const newDocument = async (title = `${newId().slice(0, 8)}.bin`): Promise<string> => {
    const id = newId();
    const entry = { id, parent_id: null, kind: "document", name: title, created_at: clock.wallTime() };
    const rest = { created_by: "ann", current_revision_id: null, trashed_at: null, trashed_by: null, trash_id: null };
    await kysely
      .insertInto("tree_entries")
      .values({ ...entry, ...rest })
      .execute();
    return id;
  };
  const newRevision = async (documentId: string, by = "ann"): Promise<string> => {
    const id = newId();
    const row = { id, document_id: documentId, file_id: newId(), created_at: clock.wallTime(), created_by: by };
    await kysely
      .insertInto("revisions")
      .values({ ...row, blob_hash: null, activated_at: null })
      .execute();
    return id;
  };
  const newUpload: TestStorage["newUpload"] = async ({ title, by = "ann" } = {}) => {
    const documentId = await newDocument(title);
    const revisionId = await newRevision(documentId, by);
    return { taskId: (await storage.tasks.createUpload({ revisionId, by })).id, documentId, revisionId };
  };
  const blobs = join(folder, "blobs");
  return {
    ...storage,
    close,
    database,
    folder,
    newDocument,
    newRevision,
    newUpload,
    async store(content, of) {
      const upload = await storage.uploads.open((await newUpload(of)).taskId, { size: content.length });
      await upload.write(content);
      return upload.finish();
    },
    async read(revisionId) {
      const download = await storage.downloads.open({ revisionId });
      const bytes = Buffer.from(await download.read(0, download.size));
      await download.close();
      return bytes;
    },
    files: () =>
      readdirSync(blobs)
        .filter((name) => name.length === 2)
        .flatMap((name) => readdirSync(join(blobs, name)))
        .sort(),
    incoming: () => (existsSync(join(blobs, "incoming")) ? readdirSync(join(blobs, "incoming")).sort() : []),
  };
}

export function newId(): string {
  return randomBytes(32).toString("hex");
}

export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Bytes that are the same every time and nowhere the same. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index + 4 <= length; index += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, index);
  }
  return bytes;
}
