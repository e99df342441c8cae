import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { followedFile } from "../../support/followedFile.ts";

failOnLeaks();

/** Following has begun when a first line has arrived. */
async function followed(...[context, options]: Parameters<typeof followedFile>) {
  const scene = await followedFile(context, { before: "old\n", ...options });
  // Before that nothing is open: what is written then would be what was there before.
  for (let turn = 0; turn < 20; turn += 1) {
    scene.clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  scene.write("first");
  await scene.expect(["first"]);
  return scene;
}

test("of a file that is there only what is new is sent, in order", async (t) => {
  const { write, expect } = await followed(t);
  write("second", "third");
  await expect(["first", "second", "third"]);
});

test("a file that is renamed is read to its end before the new one is begun", async (t) => {
  const { write, expect, file } = await followed(t);
  write("last of the old");
  renameSync(file, `${file}.1`);
  appendFileSync(`${file}.1`, "written after the renaming\n");
  write("first of the new");
  await expect(["first", "last of the old", "written after the renaming", "first of the new"]);
});

test("a file that is copied and cut is read from its beginning", async (t) => {
  const { write, expect, file } = await followed(t);
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
  write("x");
  await expect(["first", "x"]);
});

test("a file that is written anew under its number is another file, also when it is as long", async (t) => {
  const { expect, file } = await followed(t);
  writeFileSync(file, "new\nFIRST\nand more\n");
  await expect(["first", "new", "FIRST", "and more"]);
});

test("a file that is deleted while it is followed is followed again when it is back", async (t) => {
  const { write, expect, file, clock } = await followed(t);
  write("second");
  rmSync(file);
  await expect(["first", "second"]);
  clock.advance(5_000);
  write("back");
  await expect(["first", "second", "back"]);
});

test("what was rotated while nobody looked is read first; when it is gone, that is said", async (t) => {
  const scene = await followed(t);
  const { write, expect, file, disconnect, connect } = scene;
  disconnect();
  write("while the core was away");
  renameSync(file, `${file}.1`);
  write("after the rotation");
  connect();
  await expect(["first", "while the core was away", "after the rotation"]);
  disconnect();
  write("lost");
  rmSync(file);
  rmSync(`${file}.1`);
  write("what remains");
  connect();
  await expect(["first", "while the core was away", "after the rotation", "what remains"]);
  assert.match(scene.ownMessages.join(), /was replaced while nobody read it/);
});

test("a line without its end waits for it, and is sent without when there will be none", async (t) => {
  const scene = await followed(t);
  appendFileSync(scene.file, "half");
  scene.clock.advance(3_000);
  appendFileSync(scene.file, " and half\nrest");
  await scene.expect(["first", "half and half"]);
  renameSync(scene.file, `${scene.file}.1`);
  await scene.expect(["first", "half and half", "rest"]);
});

test("bytes that are no text are shown as such, and a line without end is cut and says how much", async (t) => {
  const scene = await followed(t);
  appendFileSync(scene.file, Buffer.from([0xff, 0xfe, 0x41, 0x0a]));
  await scene.expect(["first", "\ufffd\ufffdA"]);
  const megabyte = Buffer.alloc(1024 * 1024, "x");
  for (let count = 0; count < 20; count += 1) appendFileSync(scene.file, megabyte);
  scene.write("", "after");
  await scene.until(() => scene.messages.length === 4);
  const [, , long = "", after] = scene.messages;
  assert.deepEqual(
    [long.slice(0, 3), long.replace(/^x+/, "")],
    ["xxx", ` … [${20 * 1024 * 1024 - 16 * 1024} bytes more]`],
  );
  assert.equal(after, "after");
});

test("a file that comes later is read from its beginning", async (t) => {
  const scene = await followed(t);
  writeFileSync(join(scene.folder, "second.log"), "one\ntwo\n");
  await scene.expect(["first", "one", "two"]);
});

test("a link is not followed: who may write the folder may not read everything", async (t) => {
  const scene = await followed(t);
  const secret = join(scene.folder, "secret.txt");
  writeFileSync(secret, "the secret\n");
  symlinkSync(secret, join(scene.folder, "link.log"));
  writeFileSync(join(scene.folder, "plain.log"), "plain\n");
  await scene.expect(["first", "plain"]);
});

test("after a restart reading goes on where the core had acked", async (t) => {
  let isStoring = true;
  const refused: string[] = [];
  const scene = await followed(t, {
    send: async ({ entries }) => {
      if (isStoring) return;
      refused.push(...entries.map(({ message }) => message));
      // A core that is killed before it answers.
      await new Promise(() => {});
    },
  });
  scene.write("acked");
  await scene.expect(["first", "acked"]);
  isStoring = false;
  scene.write("not acked", "nor this");
  await scene.until(() => refused.length === 2);
  isStoring = true;
  await scene.restart();
  await scene.expect(["first", "acked", "not acked", "nor this"]);
});
