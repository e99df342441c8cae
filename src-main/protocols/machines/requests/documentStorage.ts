import { describeError, PicketError } from "../../../base/errors.ts";
import type { documentStorageRequests } from "../messages/documentStorage.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";

export const documentStorageHandlers: Handlers<keyof typeof documentStorageRequests> = {
  "document-storage": {
    role: "administrator",
    target: noTarget,
    async handle(_, context) {
      requireEverything(context);
      const { core } = context;
      const { usage, scrubber } = core.documents;
      const { files, bytes, freeBytes, totalBytes } = await usage.disk();
      const damaged = (await scrubber.damaged()).map((file) => ({ ...file, documents: [...file.documents] }));
      return { files, bytes, freeBytes, totalBytes, limits: usage.limits, check: scrubber.progress, damaged };
    },
  },
  "document-storage-check": {
    role: "administrator",
    target: noTarget,
    audit: () => ({ target: "" }),
    async handle(_, context) {
      requireEverything(context);
      const { core } = context;
      core.documents.scrubber.check().catch((error: unknown) => {
        core.logger.error("stored files could not be checked", { error: describeError(error) });
      });
      return {};
    },
  },
};

/** Documents are in no node group. */
function requireEverything({ principal }: RequestContext): void {
  if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
}
