import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** Fails on what axe finds serious: in light everything, in dark what differs there, the colours. */
export async function lookWithAxe(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  const light = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await new AxeBuilder({ page }).setLegacyMode(true).withRules(["color-contrast"]).analyze();
  await page.emulateMedia({ colorScheme: "light" });
  const serious = [...light.violations, ...dark.violations]
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
  assert.deepEqual(serious, []);
}
