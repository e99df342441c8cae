import assert from "node:assert/strict";
import { test } from "node:test";
import { permissionNames } from "../../src-main/core/identity/permissionNames.ts";
import { permissionAreas } from "../../src-renderer/documents/permissionAreas.ts";

test("the console offers every permission that the core asks for, and each only once", () => {
  const offered = Object.values(permissionAreas).flat();
  assert.deepEqual([...offered].sort(), [...new Set(permissionNames)].sort());
  assert.equal(new Set(offered).size, offered.length);
});
