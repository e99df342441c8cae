import { describeError } from "../../base/errors.ts";
import type { Permissions } from "../identity/permissions.ts";
import { AccessFacts } from "./access/accessFacts.ts";
import { AccessGrants } from "./access/accessGrants.ts";
import { AccessRules } from "./access/accessRules.ts";
import { DocumentAccess } from "./access/documentAccess.ts";
import { UserBlocks } from "./access/userBlocks.ts";
import type { DocumentLimits } from "./documentLimits.ts";
import { type DocumentStorage, type DocumentStorageOptions, openDocumentStorage } from "./documentStorage.ts";
import { Lockdown } from "./lockdown.ts";
import { Bin } from "./tree/bin.ts";
import { DocumentTree } from "./tree/documentTree.ts";
import { Housekeeping } from "./tree/housekeeping.ts";
import { Revisions } from "./tree/revisions.ts";
import { newTreeLock } from "./tree/treeLock.ts";
import { TreePlaces } from "./tree/treePlaces.ts";
import { TreeQueries } from "./tree/treeQueries.ts";

/** What the owner of the core decides about documents. */
export interface DocumentsSettings {
  /** How long the bin keeps what was deleted, in milliseconds. */
  readonly keepDeleted: number;
  readonly limits: DocumentLimits;
}

export interface DocumentsOptions extends DocumentStorageOptions, DocumentsSettings {
  readonly permissions: Permissions;
}

/** Everything about documents that is no protocol. Who may do what is asked at `access`; the others do what they are told. */
export interface Documents extends DocumentStorage {
  readonly tree: DocumentTree;
  readonly revisions: Revisions;
  readonly bin: Bin;
  readonly access: DocumentAccess;
  readonly rules: AccessRules;
  readonly grants: AccessGrants;
  readonly blocks: UserBlocks;
  readonly lockdown: Lockdown;
}

/** @throws {PicketError} `DATABASE_ERROR`, `DATA_FOLDER_UNUSABLE` */
export async function openDocuments(options: DocumentsOptions): Promise<Documents> {
  const { database, clock, logger, permissions } = options;
  const storage = await openDocumentStorage(options);
  const { blobs, tasks, downloads } = storage;
  let collecting: Promise<void> = Promise.resolve();
  const onRemoved = (): void => {
    collecting = collecting.then(async () => {
      try {
        await blobs.collect();
      } catch (error) {
        logger.warn("files that no document has could not be removed", { error: describeError(error) });
      }
    });
  };
  try {
    const lockdown = await Lockdown.open({ database, endTasks: () => tasks.endAll() });
    const lock = newTreeLock();
    const queries = new TreeQueries(database);
    const places = new TreePlaces(queries);
    const facts = new AccessFacts({ database, clock });
    const rules = new AccessRules({ database, facts, lock });
    const common = { database, clock, lock, downloading: () => downloads.running(), onRemoved };
    const bin = new Bin({ ...common, queries, places, facts, keep: options.keepDeleted });
    const housekeeping = new Housekeeping({ database, clock, lock, bin, logger });
    return {
      ...storage,
      tree: new DocumentTree({ ...common, queries, places, rules }),
      revisions: new Revisions(common),
      bin,
      access: new DocumentAccess({ database, facts, permissions }),
      rules,
      grants: new AccessGrants({ database, lock }),
      blocks: new UserBlocks({ database, clock, lock }),
      lockdown,
      async close() {
        await housekeeping.close();
        await collecting;
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
}
