// Uploads, moves and changes rules without end, and prints each step when it begins and when it is acked. Killed by
// documentRecovery.test.ts.
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { openDocuments } from "../../../src-main/core/documents/documents.ts";
import type { DocumentUser } from "../../../src-main/core/identity/documentTokens.ts";
import { Permissions } from "../../../src-main/core/identity/permissions.ts";
import { Database } from "../../../src-main/store/database.ts";
import { sha256, someBytes } from "../../support/openStorage.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import type { AckedStep } from "./ackedStep.ts";

const [folder = "", file = "", userId = "", round = "0"] = process.argv.slice(2);
const database = await Database.open({ file });
const permissions = new Permissions({ database, clock: systemClock });
const { tree, tasks, uploads, rules, revisions } = await openDocuments({
  folder,
  database,
  permissions,
  clock: systemClock,
  logger: silentLogger,
  limits: { perUser: 0, perFile: 0 },
  keepDeleted: 86_400_000,
});
const by: DocumentUser = {
  userId,
  username: "kim",
  isAdministrator: false,
  rights: await permissions.of(userId),
  sessionId: "session",
};
const random = new SeededRandom(Number(round) + 1);
let counter = 0;

function say(step: AckedStep): void {
  process.stdout.write(`${JSON.stringify(step)}\n`);
}

async function step(key: string, value: string, run: () => Promise<unknown>): Promise<void> {
  say({ phase: "begin", key, value });
  await run();
  say({ phase: "done", key, value });
}

const folders = await Promise.all(
  [0, 1, 2].map(async (index) => (await tree.createFolder({ parentId: undefined, name: `${round}-${index}`, by })).id),
);
const shown: string[] = [];

async function upload(): Promise<void> {
  counter += 1;
  const isNew = shown.length === 0 || random.chance(0.6);
  const [documentId, revisionId] = isNew ? await newDocument() : await newRevision(random.pick(shown));
  const seed = Number(round) * 100_000 + counter;
  const content = someBytes(random.below(400_000), seed);
  const { id: taskId } = await tasks.createUpload({ revisionId, by: "kim" });
  const open = await uploads.open(taskId, { size: content.length });
  const piece = 1 + random.below(60_000);
  const stop = random.chance(0.2) ? random.below(content.length + 1) : content.length;
  for (let offset = 0; offset < stop; offset += piece) {
    await open.write(content.subarray(offset, Math.min(stop, offset + piece)));
  }
  if (stop < content.length) {
    await open.suspend();
    say({ phase: "kept", documentId, taskId, held: stop, size: content.length, seed });
    return;
  }
  await step(`content:${documentId}`, sha256(content), () => open.finish());
  if (isNew) shown.push(documentId);
}

async function newDocument(): Promise<readonly [string, string]> {
  const title = `${counter}`;
  const parentId = random.pick(folders);
  const { document, revisionId } = await tree.createDocument({ parentId, title, by });
  say({ phase: "done", key: `parent:${document.id}`, value: parentId });
  return [document.id, revisionId];
}

async function newRevision(documentId: string): Promise<readonly [string, string]> {
  return [documentId, (await revisions.create(documentId, "kim")).id];
}

async function move(): Promise<void> {
  if (shown.length === 0) return;
  const [id, parentId] = [random.pick(shown), random.pick(folders)];
  await step(`parent:${id}`, parentId, () => tree.move(id, parentId));
}

async function changeRules(): Promise<void> {
  counter += 1;
  const note = String(counter);
  const map = { read: [{ match: "all", match_groups: [], note }], move: [{ match: "all", match_groups: [], note }] };
  const id = random.pick(folders);
  await step(`rules:${id}`, note, () => rules.set(by, id, map));
}

async function forever(work: () => Promise<void>): Promise<void> {
  for (;;) {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

await Promise.all([upload, move, changeRules].map(forever));
