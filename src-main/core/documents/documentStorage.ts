import { promises } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { DisposableStore } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Database } from "../../store/database.ts";
import { BlobFolder } from "./blobs/blobFolder.ts";
import { BlobStore } from "./blobs/blobStore.ts";
import { Scrubber } from "./blobs/scrubber.ts";
import { StorageUsage } from "./blobs/storageUsage.ts";
import type { DocumentLimits } from "./documentLimits.ts";
import { Downloads } from "./transfers/downloads.ts";
import { FileTasks } from "./transfers/fileTasks.ts";
import type { OpenFile } from "./transfers/stagedFile.ts";
import { Uploads } from "./transfers/uploads.ts";

export interface DocumentStorageOptions {
  /** The core's folder: the files go into `blobs` inside it. */
  readonly folder: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: DocumentLimits;
  /** How files that come are opened. @default `fs.promises.open` */
  readonly openFile?: OpenFile | undefined;
}

/** What holds the bytes of documents. `Documents` passes its members on. */
export interface DocumentStorage {
  readonly blobs: BlobStore;
  readonly tasks: FileTasks;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  readonly usage: StorageUsage;
  readonly scrubber: Scrubber;
  /** Ends what runs, keeps what came, and waits for it. */
  close(): Promise<void>;
}

const tendEvery = 30_000;
const cleanEvery = 3_600_000;

/** Opens the folder of files, and removes what a crash left in it: uploads of nobody at once, other files meanwhile. */
export async function openDocumentStorage(options: DocumentStorageOptions): Promise<DocumentStorage> {
  const { database, clock, logger, limits, openFile = promises.open } = options;
  const folder = await BlobFolder.open(join(options.folder, "blobs"));
  const common = { folder, database, clock, logger };
  const blobs = new BlobStore(common);
  const tasks = new FileTasks({ database, clock });
  const usage = new StorageUsage({ database, folder, limits });
  const uploads = new Uploads({ ...common, blobs, tasks, usage, openFile });
  const downloads = new Downloads({ folder, blobs, tasks, database });
  const scrubber = new Scrubber({ ...common, blobs });
  await uploads.sweep();

  const timers = new DisposableStore();
  let isClosed = false;
  let work: Promise<void> = Promise.resolve();
  const inBackground = (what: string, task: () => Promise<unknown>): void => {
    work = work.then(async () => {
      if (isClosed) return;
      try {
        await task();
      } catch (error) {
        logger.warn(`${what} failed`, { error: describeError(error) });
      }
    });
  };
  const clean = async (): Promise<void> => {
    await uploads.sweep();
    await tasks.prune();
    await blobs.collect();
  };
  const tend = async (): Promise<void> => {
    await uploads.tend();
    await downloads.tend();
  };
  inBackground("looking for files that no document has", () => blobs.sweep(() => isClosed));
  inBackground("tidying up stored files", clean);
  timers.add(clock.repeat(tendEvery, () => inBackground("looking after transfers", tend)));
  timers.add(clock.repeat(cleanEvery, () => inBackground("tidying up stored files", clean)));
  scrubber.start();

  return {
    blobs,
    tasks,
    uploads,
    downloads,
    usage,
    scrubber,
    async close() {
      isClosed = true;
      timers.dispose();
      await scrubber.close();
      await work;
      await downloads.close();
      await uploads.close();
    },
  };
}
