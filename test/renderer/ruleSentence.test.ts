import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlertCondition, AlertScope, Severity } from "../../src-main/protocols/machines/messages/alerts.ts";
import { en } from "../../src-renderer/i18n/en.ts";
import { Formats } from "../../src-renderer/i18n/formats.ts";
import { zh } from "../../src-renderer/i18n/zh.ts";
import { ruleSentence, type Speech } from "../../src-renderer/views/alerts/ruleSentence.ts";

const names: Readonly<Record<string, string>> = { a: "web-1", b: "web-2", c: "web-3", d: "web-4" };
const nodeLabel = (nodeId: string): string | undefined => names[nodeId];
const english: Speech = { t: en, format: new Formats("en"), nodeLabel };
const chinese: Speech = { t: zh, format: new Formats("zh"), nodeLabel };

const all: AlertScope = { kind: "all" };
const minute = 60_000;

interface Row {
  readonly severity?: Severity;
  readonly scope?: AlertScope;
  readonly condition: AlertCondition;
  readonly lasting?: number;
  readonly en: string;
  readonly zh: string;
}

const rows: readonly Row[] = [
  {
    scope: { kind: "tags", tags: ["db"] },
    condition: { kind: "threshold", metric: "disk_usage", comparison: "above", value: 90 },
    lasting: 5 * minute,
    en: "Warn when disk usage of any node tagged db is above 90% for 5 minutes.",
    zh: "当任一带有标签 db 的节点的磁盘使用率高于 90%，并持续 5 分钟时，发出警告。",
  },
  {
    severity: "critical",
    scope: { kind: "nodes", nodeIds: ["a", "b", "c", "d"] },
    condition: { kind: "threshold", metric: "memory_available", comparison: "below", value: 2 ** 30 },
    en: "Raise a critical alert when free memory of web-1, web-2 or 2 more is below 1 GiB.",
    zh: "当节点“web-1、web-2”或另外 2 个节点之一的可用内存低于 1 GiB时，发出严重告警。",
  },
  {
    severity: "info",
    scope: { kind: "nodes", nodeIds: ["a", "gone"] },
    condition: { kind: "node-offline" },
    lasting: 2 * minute,
    en: "Make a note when web-1 or gone is offline for 2 minutes.",
    zh: "当节点“web-1 或 gone”离线，并持续 2 分钟时，记录一条提示。",
  },
  {
    scope: { kind: "groups", groups: ["lab", "office"] },
    condition: { kind: "rate", metric: "load_average", per: 10 * minute, change: -2.5 },
    en: "Warn when load of any node in lab or office falls by more than 2.5 within 10 minutes.",
    zh: "当分组 lab 或 office 中任一节点的负载在 10 分钟内下降超过 2.5时，发出警告。",
  },
  {
    condition: { kind: "disk-forecast", within: 3 },
    en: "Warn when the disk of any node is going to be full within 3 days.",
    zh: "当任一节点的磁盘预计在 3 天内写满时，发出警告。",
  },
  {
    condition: { kind: "missing-data" },
    lasting: 90_000,
    en: "Warn when no numbers come from any node for 1 minute 30 seconds.",
    zh: "当任一节点没有数据上报，并持续 1 分钟 30 秒钟时，发出警告。",
  },
  {
    condition: { kind: "command-failed" },
    en: "Warn when a command fails on any node.",
    zh: "当任一节点上的命令执行失败时，发出警告。",
  },
  {
    condition: { kind: "log-pattern", pattern: "oom*", level: "error", count: 3, within: 5 * minute },
    en: "Warn when “oom*” stands in the logs of any node at level error or worse 3 times within 5 minutes.",
    zh: "当在 5 分钟内任一节点的日志中出现级别不低于错误的“oom*”至少 3 次时，发出警告。",
  },
  {
    condition: { kind: "container-died", name: "*" },
    en: "Warn when a container dies on any node.",
    zh: "当任一节点上的容器异常退出时，发出警告。",
  },
];

for (const { severity = "warning", scope = all, condition, lasting = 0, en: said, zh: saidInChinese } of rows) {
  test(said, () => {
    const rule = { severity, scope, condition, for: lasting };
    assert.equal(ruleSentence(rule, english), said);
    assert.equal(ruleSentence(rule, chinese), saidInChinese);
  });
}
