import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changedRules,
  draftsOf,
  otherWay,
  type RuleDraft,
  wireOfDraft,
} from "../../src-renderer/documents/ruleDraft.ts";

const staff = { match: "all", match_groups: [{ groups: { require: ["staff"] } }] };
const strange = { match: "all", match_groups: [{ users: ["kim"] }] };
const rules = { read: [staff, strange], manage: [staff] };

test("nothing is sent of rules that were only looked at, however they are written", () => {
  assert.deepEqual(changedRules(rules, draftsOf(rules)), {});
});

test("a rule that was only turned into JSON and back is no change", () => {
  const drafts = draftsOf(rules);
  const [first] = drafts.read;
  assert.ok(first);
  const asJson = otherWay(first);
  assert.equal(asJson?.kind, "json");
  assert.deepEqual(changedRules(rules, { ...drafts, read: [asJson, ...drafts.read.slice(1)] }), {});
  assert.deepEqual(asJson && otherWay(asJson), first);
});

test("only the types that changed are sent, the last rule taken away as an empty list", () => {
  const drafts = draftsOf(rules);
  assert.deepEqual(changedRules(rules, { ...drafts, manage: [] }), { manage: [] });
});

test("what the form cannot show stays JSON, and goes back as it came", () => {
  const draft = draftsOf(rules).read[1];
  assert.ok(draft);
  assert.equal(draft.kind, "json");
  assert.equal(otherWay(draft), undefined);
  assert.deepEqual(wireOfDraft(draft), strange);
});

for (const text of ["", "{", "[]", "null", '"all"', "7"]) {
  test(`${JSON.stringify(text)} is no rule`, () => {
    const draft: RuleDraft = { key: 1, kind: "json", text };
    assert.equal(wireOfDraft(draft), undefined);
    assert.equal(otherWay(draft), undefined);
  });
}

test("every draft has a number of its own", () => {
  const drafts = draftsOf(rules, 40);
  assert.deepEqual(
    Object.values(drafts).flatMap((list) => list.map(({ key }) => key)),
    [40, 41, 42],
  );
});
