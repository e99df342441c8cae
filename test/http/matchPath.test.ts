import assert from "node:assert/strict";
import { test } from "node:test";
import { matchPath } from "../../src-main/http/matchPath.ts";

const rows: readonly (readonly [string, string, string | undefined])[] = [
  ["/ws", "/ws", ""],
  ["/ws", "/ws/", undefined],
  ["/ws", "/", undefined],
  ["/a/:id", "/a/x", "x"],
  ["/a/:id", "/a/x%20y", "x y"],
  ["/a/:id", "/a/%2F..%2F", "/../"],
  ["/a/:id", "/a/%zz", undefined],
  ["/a/:id", "/a/", undefined],
  ["/a/:id", "/a", undefined],
  ["/a/:id", "/a/x/", undefined],
  ["/a/:id", "/a/x/y", undefined],
  ["/a/:id", "/b/x", undefined],
  ["/a/:id/b", "/a/x/b", "x"],
  ["/a/:id/b", "/a/b", undefined],
  ["/a/:id/b", "/a//b", undefined],
];

for (const [pattern, path, value] of rows) {
  test(`${path} for ${pattern} is ${value === undefined ? "another path" : JSON.stringify(value)}`, () => {
    assert.equal(matchPath(pattern, path), value);
  });
}
