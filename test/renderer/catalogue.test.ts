import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../../src-renderer/i18n/en.ts";
import { zh } from "../../src-renderer/i18n/zh.ts";

/** What is the same in both languages on purpose: names, signs and abbreviations. */
const same: ReadonlySet<string> = new Set([
  "alerts.titleCount",
  "channels.kinds.slack",
  "channels.kinds.webhook",
  "channels.securities.starttls",
  "channels.securities.tls",
  "common.metrics.cpu",
  "containers.cpu",
  "containers.engine",
  "documentsAdmin.blocks.line",
  "documentsAdmin.says.quoted",
  "enrolment.systems.windows",
  "facts.names.agent",
  "facts.names.ipv4",
  "facts.names.ipv6",
  "facts.names.mac",
  "nodes.columns.cpu",
  "settings.machineVersion",
  "shell.title",
]);

const english = textsOf(en);
const chinese = textsOf(zh);

test("both languages say the same things", () => {
  assert.deepEqual([...chinese.keys()].sort(), [...english.keys()].sort());
});

test("every text is translated, unless it is the same on purpose", () => {
  const untranslated = [...english].filter(([key, text]) => chinese.get(key) === text).map(([key]) => key);
  assert.deepEqual(untranslated.sort(), [...same].sort());
});

test("what is put into a text is in the text of either language", () => {
  const lost = [...english].filter(([key, text]) => {
    const given = text.replaceAll(",", "").match(/⟦\d⟧|123\d/g) ?? [];
    return given.some((value) => !(chinese.get(key) ?? "").replaceAll(",", "").includes(value));
  });
  assert.deepEqual(lost, []);
});

test("Chinese texts use Chinese punctuation", () => {
  const wrong = [...chinese].filter(([, text]) => /[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]/.test(text));
  assert.deepEqual(wrong, []);
});

test("no text has spaces at its ends or twice in a row", () => {
  const wrong = [...english, ...chinese].filter(
    ([key, text]) => key !== "settings.listJoin" && /^\s|\s$|\s\s/.test(text),
  );
  assert.deepEqual(wrong, []);
});

/** Every text by its path. A text with blanks is read with marks, or numbers where it counts, in them. */
function textsOf(part: object, path = ""): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(part)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof value === "string") texts.set(at, value);
    else if (typeof value === "function") texts.set(at, filled(value));
    else if (/^errors\.[A-Z_]+$/.test(at)) {
      texts.set(`${at}.message`, value.message);
      texts.set(`${at}.remedy`, value.remedy);
    } else for (const [inner, text] of textsOf(value, at)) texts.set(inner, text);
  }
  return texts;
}

function filled(text: (...blanks: readonly unknown[]) => string): string {
  const marks = Array.from({ length: text.length }, (_, index) => `⟦${index}⟧`);
  const read = text(...marks);
  // Whoever formats a number makes nothing of a mark.
  return read.includes("NaN") ? text(...marks.map((_, index) => 1_234 + index)) : read;
}
