import assert from "node:assert/strict";
import { test } from "node:test";
import { PicketError } from "../../src-main/base/errors.ts";
import { DocumentsRefusal } from "../../src-main/protocols/documents/client/documentsRefusal.ts";
import type { Picked } from "../../src-renderer/documents/droppedFiles.ts";
import type { Entry } from "../../src-renderer/documents/entry.ts";
import type { ClashAnswer, ClashQuestion } from "../../src-renderer/documents/nameClash.svelte.ts";
import type { TransferRun } from "../../src-renderer/documents/transfer.svelte.ts";
import { type SendFile, UploadBatch } from "../../src-renderer/documents/uploadBatch.ts";

interface Scene {
  readonly batch: UploadBatch;
  /** What the server was asked, in order. */
  readonly asked: string[];
  /** What was sent, by task. */
  readonly sent: string[];
  readonly questions: ClashQuestion[];
  readonly changed: (string | null)[];
}

interface SceneOptions {
  readonly paths: readonly string[];
  /** Documents that are there; one that ends with a slash is a folder. */
  readonly there?: readonly string[];
  readonly answers?: readonly { readonly answer: ClashAnswer; readonly forAll: boolean }[];
  readonly emptyFolders?: readonly (readonly string[])[];
  readonly send?: SendFile;
  /** How the server says that a name is taken. */
  readonly taken?: () => PicketError;
}

const byNow = (name: string): DocumentsRefusal => new DocumentsRefusal(409, `taken: ${name}`, {});

/** A server that remembers names, and somebody who gives the answers one after the other. */
function scene({ paths, there = [], answers = [], emptyFolders = [], send, taken }: SceneOptions): Scene {
  const asked: string[] = [];
  const sent: string[] = [];
  const questions: ClashQuestion[] = [];
  const changed: (string | null)[] = [];
  const known = new Set(there.map((name) => name.replace(/\/$/, "").toLowerCase()));
  const rest = [...answers];
  let tasks = 0;
  const request = async (action: string, data: Readonly<Record<string, unknown>>): Promise<unknown> => {
    asked.push(`${action} ${JSON.stringify(data)}`);
    if (action === "create_directory") return { id: `id of ${String(data["name"])}`, name: data["name"] };
    const title = String(data["title"] ?? "");
    if (action === "create_document" && known.has(title.toLowerCase())) throw taken?.() ?? byNow(title);
    known.add(title.toLowerCase());
    tasks += 1;
    return { task_data: { task_id: `task ${tasks}`, start_time: 0, end_time: 0 } };
  };
  const list = async (): Promise<Entry[]> =>
    there.map((name) =>
      name.endsWith("/")
        ? { kind: "directory", id: `id of ${name}`, name: name.slice(0, -1), createdAt: 0 }
        : { kind: "document", id: `id of ${name}`, name, createdAt: 0, modifiedAt: 0, size: 0, sha256: undefined },
    );
  const picked: Picked = {
    files: paths.map((path) => {
      const parts = path.split("/");
      return { file: new File(["x"], parts.at(-1) ?? ""), folders: parts.slice(0, -1) };
    }),
    emptyFolders,
    unreadable: [],
  };
  const batch = new UploadBatch({
    desk: { request: request as never, folders: { list } as never },
    folderId: null,
    picked,
    clashes: {
      ask: async (question) => {
        questions.push(question);
        const answer = rest.shift();
        assert.ok(answer !== undefined, "nobody expected this question");
        return answer;
      },
    },
    send:
      send ??
      (async (task, file) => {
        sent.push(`${task}: ${file.name}`);
      }),
    onChanged: (folderId) => changed.push(folderId),
  });
  return { batch, asked, sent, questions, changed };
}

const run = (): TransferRun => ({ signal: new AbortController().signal, progress: () => {}, sized: () => {} });

test("a folder is made once, the outer one first, however many files want it at the same time", async () => {
  const { batch, asked, changed } = scene({ paths: ["a/b/1", "a/b/2", "a/3"] });
  await Promise.all(batch.transfers().map((transfer) => transfer.run(run())));
  const made = asked.filter((one) => one.startsWith("create_directory"));
  assert.deepEqual(made, [
    'create_directory {"name":"a","parent_id":null,"exists_ok":true}',
    'create_directory {"name":"b","parent_id":"id of a","exists_ok":true}',
  ]);
  assert.ok(asked.includes('create_document {"title":"1","folder_id":"id of b"}'));
  assert.ok(asked.includes('create_document {"title":"3","folder_id":"id of a"}'));
  assert.ok(changed.includes("id of b"));
});

test("folders with nothing inside are made, too", async () => {
  const { batch, asked } = scene({ paths: [], emptyFolders: [["a", "b"]] });
  await batch.makeEmptyFolders();
  assert.equal(asked.length, 2);
});

test("a folder that could not be made is tried again by the next that wants it", async () => {
  const { batch, asked } = scene({ paths: ["a/1"] });
  const [transfer] = batch.transfers();
  const failing = asked.push.bind(asked);
  let fail = true;
  asked.push = (...texts) => {
    if (fail) {
      fail = false;
      throw new PicketError("PEER_LOST");
    }
    return failing(...texts);
  };
  await assert.rejects(async () => transfer?.run(run()), { code: "PEER_LOST" });
  assert.equal(await transfer?.run(run()), "done");
});

test("a name that is taken gets a revision, another name, or is left out", async () => {
  const answers = (["revision", "both", "skip"] as const).map((answer) => ({ answer, forAll: false }));
  const { batch, asked, sent, questions } = scene({
    paths: ["A.txt", "b.txt", "c.txt"],
    there: ["a.txt", "b.txt", "c.txt"],
    answers,
  });
  const outcomes: string[] = [];
  for (const transfer of batch.transfers()) outcomes.push(await transfer.run(run()));
  assert.deepEqual(outcomes, ["done", "done", "skipped"]);
  assert.ok(asked.includes('upload_document {"document_id":"id of a.txt"}'));
  assert.ok(asked.includes('create_document {"title":"b (2).txt","folder_id":null}'));
  assert.deepEqual(sent, ["task 1: A.txt", "task 2: b.txt"]);
  assert.deepEqual(
    questions.map(({ others }) => others),
    [2, 1, 0],
  );
});

test("an answer for all is not asked for again, except where it does not fit", async () => {
  const { batch, questions, asked } = scene({
    paths: ["a", "b", "folder"],
    there: ["a", "b", "folder/"],
    answers: [
      { answer: "revision", forAll: true },
      { answer: "both", forAll: false },
    ],
  });
  for (const transfer of batch.transfers()) assert.equal(await transfer.run(run()), "done");
  assert.deepEqual(
    questions.map(({ name, canRevise }) => [name, canRevise]),
    [
      ["a", true],
      ["folder", false],
    ],
  );
  assert.ok(asked.includes('create_document {"title":"folder (2)","folder_id":null}'));
});

test("servers that answer 400 for a taken name are understood", async () => {
  const { batch, questions } = scene({
    paths: ["a"],
    there: ["a"],
    answers: [{ answer: "skip", forAll: false }],
    taken: () => new DocumentsRefusal(400, "A document with the same name already exists in the target directory", {}),
  });
  assert.equal(await batch.transfers()[0]?.run(run()), "skipped");
  assert.equal(questions.length, 1);
});

test("another refusal is no question", async () => {
  const { batch } = scene({
    paths: ["a"],
    there: ["a"],
    taken: () => new DocumentsRefusal(403, "Permission denied", {}),
  });
  await assert.rejects(async () => batch.transfers()[0]?.run(run()), { code: "FORBIDDEN" });
});

test("a task whose time is over is made anew, once, and where the answer put it", async () => {
  const tried: string[] = [];
  const { batch, asked } = scene({
    paths: ["a"],
    there: ["a"],
    answers: [{ answer: "revision", forAll: false }],
    send: async (task) => {
      tried.push(task);
      if (tried.length !== 2) throw new PicketError("FILE_TASK_OVER");
    },
  });
  assert.equal(await batch.transfers()[0]?.run(run()), "done");
  assert.deepEqual(tried, ["task 1", "task 2"]);
  assert.equal(asked.filter((one) => one.startsWith("upload_document")).length, 2);
});

test("after a pause the same task goes on", async () => {
  const tried: string[] = [];
  const { batch } = scene({
    paths: ["a"],
    send: async (task) => {
      tried.push(task);
      if (tried.length === 1) throw new PicketError("PEER_LOST");
    },
  });
  const [transfer] = batch.transfers();
  await assert.rejects(async () => transfer?.run(run()), { code: "PEER_LOST" });
  assert.equal(await transfer?.run(run()), "done");
  assert.deepEqual(tried, ["task 1", "task 1"]);
});
