import type { AlertLanguage } from "../alerts/alertTexts.ts";
import type { NotificationContent, NotificationKind, NotifiedIncident } from "./notificationContent.ts";

export interface NotificationText {
  /** One line. */
  readonly title: string;
  readonly body: string;
}

interface Words {
  readonly kinds: Readonly<Record<Exclude<NotificationKind, "summary">, string>>;
  readonly severities: Readonly<Record<NotifiedIncident["severity"], string>>;
  readonly nodes: (count: number) => string;
  readonly alerts: (count: number) => string;
  readonly summary: (incidents: number, open: number) => string;
  readonly over: string;
  readonly more: (count: number) => string;
  readonly group: string;
  readonly since: string;
}

const words: Readonly<Record<AlertLanguage, Words>> = {
  en: {
    kinds: { firing: "Alert", update: "More nodes", reminder: "Still firing", resolved: "Resolved" },
    severities: { info: "info", warning: "warning", critical: "critical" },
    nodes: (count) => `${count} nodes`,
    alerts: (count) => `${count} alerts`,
    summary: (incidents, open) =>
      `Quiet hours: ${incidents === 1 ? "1 incident" : `${incidents} incidents`}, ${open} still open`,
    over: "over",
    more: (count) => `… and ${count} more`,
    group: "Group",
    since: "Since",
  },
  zh: {
    kinds: { firing: "告警", update: "更多节点", reminder: "仍在告警", resolved: "已恢复" },
    severities: { info: "提示", warning: "警告", critical: "严重" },
    nodes: (count) => `${count} 个节点`,
    alerts: (count) => `${count} 条告警`,
    summary: (incidents, open) => `免打扰时段：${incidents} 起事件，${open} 起仍未恢复`,
    over: "已恢复",
    more: (count) => `……另有 ${count} 条`,
    group: "分组",
    since: "开始于",
  },
};

/** A summary names at most so many incidents, an incident so many alerts. */
const longestSummary = 30;
const longestList = 20;

/** What a notification says, as plain text: what comes from a node in it has no control characters. */
export function notificationText(content: NotificationContent, language: AlertLanguage): NotificationText {
  const text = content.kind === "summary" ? summaryText(content, language) : incidentText(content, language);
  return { title: oneLine(text.title), body: text.body };
}

function incidentText({ kind, incidents }: NotificationContent, language: AlertLanguage): NotificationText {
  const [incident] = incidents;
  if (incident === undefined || kind === "summary") return { title: "", body: "" };
  const { kinds, severities, group, since } = words[language];
  const title = `[${severities[incident.severity]}] ${kinds[kind]}: ${oneLine(incident.rule)} – ${concerned(incident, language)}`;
  const lines = [
    ...alertLines(incident, language),
    "",
    `${group}: ${oneLine(incident.group)}`,
    `${since}: ${new Date(incident.startedAt).toISOString()}`,
  ];
  return { title, body: lines.join("\n") };
}

function summaryText({ incidents }: NotificationContent, language: AlertLanguage): NotificationText {
  const { summary, over, more, severities } = words[language];
  const open = incidents.filter(({ resolvedAt }) => resolvedAt === undefined).length;
  const lines = incidents.slice(0, longestSummary).map((incident) => {
    const end = incident.resolvedAt === undefined ? "" : ` (${over})`;
    const what = `${oneLine(incident.rule)} – ${concerned(incident, language)}${end}`;
    return `${new Date(incident.startedAt).toISOString()} [${severities[incident.severity]}] ${what}`;
  });
  if (incidents.length > longestSummary) lines.push(more(incidents.length - longestSummary));
  return { title: summary(incidents.length, open), body: lines.join("\n") };
}

function concerned(incident: NotifiedIncident, language: AlertLanguage): string {
  const names = new Set(incident.alerts.map(({ node }) => oneLine(node)));
  const nodes = new Set(incident.alerts.map(({ nodeId }) => nodeId));
  if (nodes.size === 1) return [...names][0] ?? "";
  // Beyond those that are listed nobody knows how many nodes there are.
  const counts = words[language];
  return incident.total > incident.alerts.length ? counts.alerts(incident.total) : counts.nodes(nodes.size);
}

function alertLines({ alerts, total }: NotifiedIncident, language: AlertLanguage): string[] {
  const { more, over } = words[language];
  const lines = alerts.slice(0, longestList).map(({ node, texts, state }) => {
    return `${oneLine(node)}: ${oneLine(texts[language])}${state === "resolved" ? ` (${over})` : ""}`;
  });
  return total > lines.length ? [...lines, more(total - lines.length)] : lines;
}

/** Names are a node's own: line ends and control characters would make another message of this one. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 300);
}
