import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AccessRule,
  type AccessType,
  accessRuleOf,
  wireOfAccessRule,
} from "../../src-renderer/documents/accessRule.ts";
import { accessRuleSentence } from "../../src-renderer/documents/accessRuleWords.ts";
import { en } from "../../src-renderer/i18n/en.ts";
import { zh } from "../../src-renderer/i18n/zh.ts";

const groupTitle = (name: string): string => (name === "staff" ? "Staff of the lab" : name);

interface Row {
  readonly type?: AccessType;
  readonly wire: unknown;
  /** What the form makes of it; undefined: the very same. */
  readonly written?: unknown;
  readonly document?: true;
  readonly en: string;
  readonly zh: string;
}

const rows: readonly Row[] = [
  {
    wire: { match: "all", match_groups: [{ match: "all", groups: { match: "all", require: ["staff"] } }] },
    document: true,
    en: "To read this, you must be in the group “Staff of the lab”.",
    zh: "要读取此项，须属于用户组“Staff of the lab”。",
  },
  {
    type: "write",
    wire: {
      match: "any",
      match_groups: [
        { rights: { match: "any", require: ["move", "secret"] }, groups: { require: ["staff", "guests"] } },
        { match: "all", groups: { match: "any", require: ["sysop", "auditors"] } },
      ],
    },
    written: {
      match: "any",
      match_groups: [
        {
          match: "all",
          rights: { match: "any", require: ["move", "secret"] },
          groups: { match: "all", require: ["staff", "guests"] },
        },
        { match: "all", groups: { match: "any", require: ["sysop", "auditors"] } },
      ],
    },
    document: true,
    en: "To change this, you must have one of the rights “Move documents and folders”, “secret” and be in all of the groups “Staff of the lab”, “guests”; or be in one of the groups “sysop”, “auditors”.",
    zh: "要修改此项，须拥有权限“移动文档和文件夹”、“secret”之一，并且同时属于用户组“Staff of the lab”、“guests”；或者属于用户组“sysop”、“auditors”之一。",
  },
  {
    type: "manage",
    wire: {
      match: "all",
      match_groups: [
        {
          match: "any",
          rights: { match: "all", require: ["set_access_rules"] },
          groups: { match: "all", require: ["sysop"] },
        },
        { match: "all", rights: { match: "all", require: ["a", "b"] } },
      ],
      __subinherit__: false,
      __noinherit__: ["read", "manage"],
    },
    en: "To set its rules, you must have the right “Set access rules” or be in the group “sysop”; and have all of the rights “a”, “b”. What is inside does not have to meet it. The rules of the folders above for reading, setting rules do not count here.",
    zh: "要设置其规则，须拥有权限“设置访问规则”，或者属于用户组“sysop”；并且同时拥有权限“a”、“b”。其中的内容不必满足此规则。上级文件夹关于读取、设置规则的规则在此处不生效。",
  },
  {
    wire: { match: "any", match_groups: [{}], __noinherit__: "all" },
    written: { match: "any", match_groups: [], __noinherit__: "all" },
    document: true,
    en: "Nobody can meet this rule: nobody may read this. No rule of the folders above counts here.",
    zh: "没有人能满足此规则：任何人都不能读取。上级文件夹的规则在此处均不生效。",
  },
  {
    type: "move",
    wire: { match: "all", match_groups: [] },
    en: "Everybody who is signed in meets this rule and may move this. The same holds for everything inside.",
    zh: "所有已登录的用户都满足此规则，可以移动。其中的所有内容也须满足此规则。",
  },
  {
    // Not skipped, unlike an empty object: an "any" with it holds for everybody.
    wire: { match: "any", match_groups: [{ rights: {} }, { groups: { require: ["staff"] } }] },
    written: {
      match: "any",
      match_groups: [
        { match: "all", rights: { match: "all", require: [] } },
        { match: "all", groups: { match: "all", require: ["staff"] } },
      ],
    },
    document: true,
    en: "To read this, you must be signed in; or be in the group “Staff of the lab”.",
    zh: "要读取此项，须已登录；或者属于用户组“Staff of the lab”。",
  },
];

for (const { type = "read", wire, written = wire, document = false, en: said, zh: saidInChinese } of rows) {
  test(said, () => {
    const rule = accessRuleOf(wire);
    assert.ok(rule);
    assert.deepEqual(wireOfAccessRule(rule), written);
    assert.deepEqual(accessRuleOf(written), rule);
    const what = { type, rule, folder: !document };
    assert.equal(accessRuleSentence(what, { t: en, groupTitle }), said);
    assert.equal(accessRuleSentence(what, { t: zh, groupTitle }), saidInChinese);
  });
}

test("every rule that the form can make comes back as it was", () => {
  const clauses = [
    { match: "all", names: [] },
    { match: "any", names: ["a"] },
    { match: "all", names: ["a", "b"] },
  ] as const;
  const conditions = clauses.flatMap((rights) =>
    clauses.flatMap((groups) => (["all", "any"] as const).map((match) => ({ match, rights, groups }))),
  );
  let seen = 0;
  for (const match of ["all", "any"] as const) {
    for (const flowsDown of [true, false]) {
      for (const notInherited of [[], ["read"], "all"] as const) {
        for (const first of conditions) {
          const rule: AccessRule = { match, flowsDown, notInherited, conditions: [first, ...conditions.slice(3, 5)] };
          assert.deepEqual(accessRuleOf(JSON.parse(JSON.stringify(wireOfAccessRule(rule)))), normal(rule));
          seen += 1;
        }
      }
    }
  }
  assert.equal(seen, 2 * 2 * 3 * 18);
});

/** A side that asks for nothing is not written, and its mode with it. */
function normal(rule: AccessRule): AccessRule {
  const clause = { match: "all", names: [] } as const;
  return {
    ...rule,
    conditions: rule.conditions.map(({ match, rights, groups }) => ({
      match,
      rights: rights.names.length === 0 && groups.names.length > 0 ? clause : rights,
      groups: groups.names.length === 0 ? clause : groups,
    })),
  };
}

for (const [why, wire] of [
  ["no object", null],
  ["an array", []],
  ["no match", { match_groups: [] }],
  ["no parts", { match: "all" }],
  ["a match that is none", { match: "some", match_groups: [] }],
  ["a member of its own", { match: "all", match_groups: [], comment: "why" }],
  ["a member of its own in a part", { match: "all", match_groups: [{ users: { require: ["kim"] } }] }],
  ["a part that is no object", { match: "all", match_groups: ["staff"] }],
  ["names that are no texts", { match: "all", match_groups: [{ groups: { require: [1] } }] }],
  ["a marker that is no boolean", { match: "all", match_groups: [], __subinherit__: "no" }],
  ["a type that is not known", { match: "all", match_groups: [], __noinherit__: ["read", "fly"] }],
] as const) {
  test(`the form leaves a rule alone that has ${why}`, () => {
    assert.equal(accessRuleOf(wire), undefined);
  });
}
