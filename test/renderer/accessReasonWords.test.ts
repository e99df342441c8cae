import assert from "node:assert/strict";
import { test } from "node:test";
import type { WireAccessReason } from "../../src-main/protocols/documents/messages/rules.ts";
import { accessReasonText } from "../../src-renderer/documents/accessReasonWords.ts";
import { blocksHere } from "../../src-renderer/documents/blocksHere.ts";
import { en } from "../../src-renderer/i18n/en.ts";
import { Formats } from "../../src-renderer/i18n/formats.ts";
import { zh } from "../../src-renderer/i18n/zh.ts";

const groupTitle = (name: string): string => name.toUpperCase();
const english = { t: en, format: new Formats("en"), groupTitle };
const chinese = { t: zh, format: new Formats("zh"), groupTitle };
const noon = Date.UTC(2026, 4, 6, 12) / 1000;

const staffRule = {
  object_type: "directory",
  object_id: "f",
  object_name: "Plans",
  rule_id: 1,
  access_type: "read",
  rule_data: { match: "all", match_groups: [{ groups: { require: ["staff"] } }] },
} as const;
const here = { object_type: "directory", object_id: "f", object_name: "Plans" } as const;
const everywhere = { object_type: null, object_id: null, object_name: null } as const;

const rows: readonly { readonly reason: WireAccessReason; readonly en: string; readonly zh: string }[] = [
  { reason: { reason: "no-rules" }, en: "no rule asks for anything", zh: "没有规则限制" },
  {
    reason: { reason: "blocked", block_id: 1, ...everywhere, end_time: null },
    en: "is blocked everywhere",
    zh: "已被全局封禁",
  },
  {
    reason: { reason: "blocked", block_id: 1, ...here, end_time: noon },
    en: `is blocked here, until ${english.format.dateTime(noon * 1000)}`,
    zh: `在此处已被封禁，直到 ${chinese.format.dateTime(noon * 1000)}`,
  },
  {
    reason: { reason: "granted", entry_id: 1, group: null, end_time: null },
    en: "was granted access here",
    zh: "已被授予此处的访问权",
  },
  {
    reason: { reason: "granted", entry_id: 1, group: "staff", end_time: null },
    en: "access was granted to the group “STAFF”",
    zh: "访问权已授予用户组“STAFF”",
  },
  {
    reason: { reason: "rule-met", inherited: false, ...staffRule },
    en: "meets the rule for reading: be in the group “STAFF”",
    zh: "满足读取规则：属于用户组“STAFF”",
  },
  {
    reason: { reason: "rule-failed", inherited: true, ...staffRule },
    en: "does not meet the rule for reading of the folder “Plans”: be in the group “STAFF”",
    zh: "不满足文件夹“Plans”的读取规则：属于用户组“STAFF”",
  },
  {
    reason: { reason: "rule-failed", inherited: true, ...staffRule, object_name: null },
    en: "does not meet the rule for reading of a folder above: be in the group “STAFF”",
    zh: "不满足某个上级文件夹的读取规则：属于用户组“STAFF”",
  },
  {
    reason: { reason: "rule-failed", inherited: false, ...staffRule, rule_data: { match: "any", match_groups: [] } },
    en: "does not meet the rule for reading: nobody can meet it",
    zh: "不满足读取规则：没有人能满足",
  },
  {
    reason: { reason: "rule-failed", inherited: false, ...staffRule, rule_data: { strange: true } },
    en: "does not meet the rule for reading",
    zh: "不满足读取规则",
  },
];

for (const { reason, en: said, zh: saidInChinese } of rows) {
  test(said, () => {
    assert.equal(accessReasonText(reason, english), said);
    assert.equal(accessReasonText(reason, chinese), saidInChinese);
  });
}

test("blocks are gathered from what keeps users from each kind of access", () => {
  const blocked = (blockId: number, place: typeof here | typeof everywhere): WireAccessReason => ({
    reason: "blocked",
    block_id: blockId,
    ...place,
    end_time: noon,
  });
  const refused = (username: string, ...because: WireAccessReason[]) => ({ username, allowed: false, because });
  assert.deepEqual(
    blocksHere([
      { type: "read", users: [refused("zoe", blocked(2, everywhere)), refused("kim", { reason: "no-rules" })] },
      { type: "write", users: [refused("zoe", blocked(2, everywhere)), refused("kim", blocked(1, here))] },
      { type: "move", users: [] },
    ]),
    [
      { blockId: 1, username: "kim", types: ["write"], everywhere: false, end: noon },
      { blockId: 2, username: "zoe", types: ["read", "write"], everywhere: true, end: noon },
    ],
  );
});
