import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const css = readFileSync(join(import.meta.dirname, "../../src-renderer/styles/tokens.css"), "utf8");

/** Text and what it stands on: 4.5 to 1 and better, as WCAG's level AA has it. */
const texts: readonly (readonly [string, readonly string[]])[] = [
  ["text", ["canvas", "surface", "sunken", "hover", "accent-soft"]],
  ["text-2", ["canvas", "surface", "sunken", "hover", "accent-soft"]],
  ["text-3", ["canvas", "surface", "sunken", "hover"]],
  ["accent-text", ["canvas", "surface", "hover", "accent-soft"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["on-bad", ["bad-strong", "bad-strong-hover"]],
  ["ok", ["canvas", "surface", "ok-soft"]],
  ["warn", ["canvas", "surface", "warn-soft"]],
  ["bad", ["canvas", "surface", "hover", "bad-soft"]],
];

/** What has to be seen to be understood or used, and is no text: 3 to 1. */
const shapes: readonly (readonly [string, readonly string[]])[] = [
  ["field-border", ["canvas", "surface"]],
  ["focus", ["canvas", "surface", "sunken"]],
  ["accent", ["surface"]],
  ["data-1", ["surface"]],
  ["data-2", ["surface"]],
  ["ok-fill", ["surface"]],
  ["warn-fill", ["surface"]],
  ["bad-fill", ["surface"]],
];

for (const theme of ["light", "dark"] as const) {
  const colours = coloursOf(theme);
  test(`every colour of the ${theme} theme is there`, () => {
    assert.ok(colours.size > 30, `${colours.size} colours`);
    assert.deepEqual([...coloursOf("light").keys()].sort(), [...coloursOf("dark").keys()].sort());
  });
  for (const [pairs, least] of [
    [texts, 4.5],
    [shapes, 3],
  ] as const) {
    for (const [front, grounds] of pairs) {
      for (const ground of grounds) {
        test(`${theme}: ${front} on ${ground}`, () => {
          const ratio = contrast(colourOf(colours, front), colourOf(colours, ground));
          assert.ok(ratio >= least, `${ratio.toFixed(2)} to 1, at least ${least} is needed`);
        });
      }
    }
  }
}

function coloursOf(theme: string): ReadonlyMap<string, string> {
  const block = new RegExp(`:root\\[data-theme="${theme}"\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? "";
  return new Map(
    Array.from(block.matchAll(/--([\w-]+): (#[0-9a-f]+);/g), ([, name = "", value = ""]) => [name, value]),
  );
}

function colourOf(colours: ReadonlyMap<string, string>, name: string): string {
  const colour = colours.get(name);
  assert.ok(colour !== undefined, `no colour is called ${name}`);
  return colour;
}

/** As WCAG computes it. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
