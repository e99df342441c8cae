import { setTimeout as pause } from "node:timers/promises";
import type { MachinesClient } from "../../protocols/machines/client.ts";
import type { DocumentStorage } from "../../protocols/machines/messages/documentStorage.ts";
import type { Command } from "../commandContext.ts";
import { withLocalCore } from "../localCore.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usageError.ts";

const usage = "picket documents check";
const lookEvery = 200;

/** `documents check`: reads every stored file. Exit code 1 when one is damaged. */
export const documentsCommand: Command = async ({ invocation, configuration, print, say }) => {
  if (invocation.words[1] !== "check") throw new UsageError(`usage: ${usage}`);
  const { check, damaged } = await withLocalCore(configuration.dataFolder, checkAll);
  if (invocation.options["json"] === true) {
    const files = damaged.map(({ hash, size, fault, documents }) => ({
      sha256: hash,
      size,
      fault,
      documents: documents.map(({ documentId, title }) => ({ id: documentId, title })),
    }));
    print(`${JSON.stringify({ files: check.checkedFiles, bytes: check.checkedBytes, damaged: files })}\n`);
  } else if (damaged.length > 0) {
    const lines = damaged.map(({ hash, fault, documents }) => [
      hash.slice(0, 16),
      fault,
      documents.map(({ title }) => JSON.stringify(title)).join(", "),
    ]);
    print(formatTable(["SHA-256", "FAULT", "DOCUMENTS"], lines));
  }
  say(`${check.checkedFiles} file(s) of ${check.checkedBytes} bytes were read, ${damaged.length} damaged`);
  return damaged.length > 0 ? 1 : 0;
};

async function checkAll(client: MachinesClient): Promise<DocumentStorage> {
  await client.request("document-storage-check", {});
  for (;;) {
    const storage = await client.request("document-storage", {});
    if (!storage.check.isRunning) return storage;
    await pause(lookEvery);
  }
}
