import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  describeError,
  type ErrorCode,
  errorTable,
  isErrorCode,
  PicketError,
  toPicketError,
} from "../../src-main/base/errors.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

test("every error has a sentence, a remedy and an HTTP status of an error", () => {
  const faults = codes.filter((code) => {
    const { message, remedy, status } = errorTable[code];
    const sentences = /^\S.*\.$/.test(message) && /^\S.*\.$/.test(remedy);
    return !sentences || status < 400 || status > 599 || !/^[A-Z]+(_[A-Z]+)*$/.test(code);
  });
  assert.deepEqual(faults, []);
});

test("the codes stand in the order of the alphabet, so that a new one has one place", () => {
  assert.deepEqual(codes, codes.toSorted());
});

test("docs/errors.md lists exactly the codes of the table", () => {
  const file = join(import.meta.dirname, "../../docs/errors.md");
  assert.ok(existsSync(file), "docs/errors.md is not there");
  const text = readFileSync(file, "utf8");
  // A code is documented where a table row or a heading starts with it.
  const documented = new Set(Array.from(text.matchAll(/^(?:\|\s*|#+\s+)`([A-Z][A-Z_]+)`/gm), ([, code]) => code ?? ""));
  assert.deepEqual(
    {
      notDocumented: codes.filter((code) => !documented.has(code)),
      notInTheTable: [...documented].filter((code) => !isErrorCode(code)),
    },
    { notDocumented: [], notInTheTable: [] },
  );
});

test("an error carries its code, the table's sentence, and what exactly", () => {
  const error = new PicketError("NODE_OFFLINE", { details: "node-1" });
  assert.equal(error.code, "NODE_OFFLINE");
  assert.equal(error.message, errorTable.NODE_OFFLINE.message);
  assert.equal(error.details, "node-1");
  assert.equal(error.retryable, true);
  assert.equal(new PicketError("FORBIDDEN").retryable, false);
  assert.equal(new PicketError("FORBIDDEN", { message: "Not today." }).message, "Not today.");
});

test("whatever is thrown becomes an error of the table and keeps its cause", () => {
  const known = new PicketError("CONFLICT");
  assert.equal(toPicketError(known), known);
  const cause = new TypeError("undefined is not a function");
  const error = toPicketError(cause);
  assert.equal(error.code, "INTERNAL_ERROR");
  assert.equal(error.cause, cause);
  assert.equal(toPicketError("a text").code, "INTERNAL_ERROR");
});

test("an error is described with its details and its causes", () => {
  const cause = new Error("database or disk is full");
  const error = new PicketError("DATABASE_ERROR", { details: "the disk is full", cause });
  const expected = `${errorTable.DATABASE_ERROR.message} (the disk is full): database or disk is full`;
  assert.equal(describeError(error), expected);
  assert.equal(describeError("a text"), "a text");
});

for (const value of ["", "toString", "__proto__", "node_offline", undefined, 7, null, {}]) {
  test(`${JSON.stringify(value)} is no error code`, () => assert.equal(isErrorCode(value), false));
}
