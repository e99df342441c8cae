import assert from "node:assert/strict";
import { test } from "node:test";
import { mostTags, withTags } from "../../src-renderer/views/node/manage/tags.ts";

test("tags are taken from what was written, separated by commas", () => {
  assert.deepEqual(withTags(["web"], " eu-west ,, db,"), ["web", "eu-west", "db"]);
});

test("a tag that is there already is not there twice", () => {
  assert.deepEqual(withTags(["web"], "web, web, db, db"), ["web", "db"]);
});

test("neither too long nor too many", () => {
  assert.equal(withTags([], "x".repeat(100))[0]?.length, 64);
  const many = Array.from({ length: 100 }, (_, index) => `tag${index}`).join(",");
  assert.equal(withTags(["first"], many).length, mostTags);
  assert.equal(withTags(["first"], many)[0], "first");
});
