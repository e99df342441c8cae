import type { MetricName } from "../metrics/metricColumns.ts";
import type { AlertCondition } from "./alertRule.ts";

export const alertLanguages = ["en", "zh"] as const;
export type AlertLanguage = (typeof alertLanguages)[number];
export type AlertTexts = Readonly<Record<AlertLanguage, string>>;

const metricWords: Readonly<Record<MetricName, AlertTexts>> = {
  cpu_usage: { en: "CPU usage", zh: "CPU 使用率" },
  memory_usage: { en: "Memory usage", zh: "内存使用率" },
  disk_usage: { en: "Disk usage", zh: "磁盘使用率" },
  load_average: { en: "Load", zh: "负载" },
  memory_total: { en: "Memory", zh: "内存总量" },
  memory_available: { en: "Free memory", zh: "可用内存" },
  disk_total: { en: "Disk size", zh: "磁盘总量" },
  disk_available: { en: "Free disk space", zh: "可用磁盘空间" },
  network_rx: { en: "Network in", zh: "网络接收" },
  network_tx: { en: "Network out", zh: "网络发送" },
  uptime: { en: "Uptime", zh: "运行时间" },
};

const percents: ReadonlySet<string> = new Set(["cpu_usage", "memory_usage", "disk_usage"]);
const rates: ReadonlySet<string> = new Set(["network_rx", "network_tx"]);
const plain: ReadonlySet<string> = new Set(["load_average"]);
const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export interface AlertFacts {
  readonly condition: AlertCondition;
  /** The rule's time in milliseconds. */
  readonly for: number;
  readonly value: number | undefined;
  readonly subject: string;
}

/** What happened, in one sentence, in every language that notifications speak. */
export function alertTexts({ condition, for: lasted, value = 0, subject }: AlertFacts): AlertTexts {
  switch (condition.kind) {
    case "threshold": {
      const { metric, comparison } = condition;
      const { en, zh } = metricWords[metric];
      const [now, limit] = [amount(metric, value), amount(metric, condition.value)];
      const than = comparison === "above" ? ["above", "高于"] : ["below", "低于"];
      return { en: `${en} is ${now}, ${than[0]} ${limit}.`, zh: `${zh}为 ${now}，${than[1]} ${limit}。` };
    }
    case "rate": {
      const { metric, per, change } = condition;
      const { en, zh } = metricWords[metric];
      const by = amount(metric, Math.abs(value));
      const way = change >= 0 ? ["rose", "上升"] : ["fell", "下降"];
      return {
        en: `${en} ${way[0]} by ${by} within ${duration(per).en}.`,
        zh: `${zh}在${duration(per).zh}内${way[1]}了 ${by}。`,
      };
    }
    case "disk-forecast": {
      const days = Math.round(value * 10) / 10;
      return { en: `At this pace the disk is full in ${days} days.`, zh: `按当前速度，磁盘将在 ${days} 天后写满。` };
    }
    case "missing-data":
      return { en: `No data for ${duration(lasted).en}.`, zh: `已${duration(lasted).zh}没有数据。` };
    case "node-offline":
      return { en: `Offline for ${duration(lasted).en}.`, zh: `已离线${duration(lasted).zh}。` };
    case "command-failed":
      return { en: "A command failed.", zh: "有命令执行失败。" };
    case "log-pattern": {
      const { pattern, within } = condition;
      return {
        en: `“${pattern}” stood in the log ${value} times within ${duration(within).en}.`,
        zh: `“${pattern}”在${duration(within).zh}内于日志中出现 ${value} 次。`,
      };
    }
    case "container-died":
      return { en: `Container ${subject} died.`, zh: `容器 ${subject} 已异常退出。` };
  }
}

function amount(metric: MetricName, value: number): string {
  if (percents.has(metric)) return `${round(value)} %`;
  if (plain.has(metric)) return `${round(value)}`;
  if (metric === "uptime") return `${Math.round(value)} s`;
  const unit = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
  return `${round(value / 1024 ** unit)} ${byteUnits[unit]}${rates.has(metric) ? "/s" : ""}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function duration(milliseconds: number): AlertTexts {
  const seconds = Math.round(milliseconds / 1000);
  const [count, en, zh] =
    seconds < 120 || seconds % 60 !== 0
      ? [seconds, "s", "秒"]
      : seconds < 7_200 || seconds % 3_600 !== 0
        ? [seconds / 60, "min", "分钟"]
        : [seconds / 3_600, "h", "小时"];
  return { en: `${count} ${en}`, zh: ` ${count} ${zh}` };
}
