import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

const mostStops = 60;

test("everything can be reached without a mouse", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  await page.getByRole("row").filter({ hasText: hostname() }).waitFor();

  await context.test("the first stop skips the navigation", async () => {
    await page.keyboard.press("Tab");
    assert.equal(await focusedName(page), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  });

  await context.test("every page", async () => {
    for (const [link, heading] of [
      ["Commands", "Commands"],
      ["Add a node", "Add a node"],
      ["Audit", "Audit"],
      ["Settings", "Settings"],
      ["Nodes", "Nodes"],
    ] as const) {
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await tabTo(page, link);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
    }
  });

  await context.test("a node and its parts", async () => {
    await tabTo(page, new RegExp(hostname()));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: hostname(), level: 1 }).waitFor();
    for (const part of ["Facts", "Manage", "Commands"]) {
      await tabTo(page, part, { within: "main" });
      await page.keyboard.press("Enter");
      await page.locator(`main [aria-current="page"]`, { hasText: part }).waitFor();
    }
  });

  await context.test("a command, and its output", async () => {
    await tabTo(page, "Command", { within: "main", tag: "TEXTAREA" });
    await page.keyboard.type("echo typed");
    await page.keyboard.press("Control+Enter");
    await page.getByText("typed", { exact: true }).waitFor();
  });

  await context.test("a command on chosen nodes", async () => {
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await tabTo(page, "Commands");
    await page.keyboard.press("Enter");
    await tabTo(page, "Run a command");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, "Choose nodes");
    // The only node is chosen already: away, and again.
    await page.keyboard.press("Space");
    await page.getByText("no node chosen").waitFor();
    await page.keyboard.press("Space");
    await page.getByText("1 node chosen").waitFor();
    await tabTo(page, "Command");
    await page.keyboard.type("echo chosen");
    await page.keyboard.press("Control+Enter");
    await page.getByText("chosen", { exact: true }).waitFor();
  });

  await context.test("into a terminal and out of it", async () => {
    await page.goto(`${page.url().split("#")[0]}#/nodes`);
    await tabTo(page, new RegExp(hostname()));
    await page.keyboard.press("Enter");
    await tabTo(page, "Terminal", { within: "main" });
    await page.keyboard.press("Enter");
    await tabTo(page, "New terminal");
    await page.keyboard.press("Enter");
    await page.locator(".xterm-rows", { hasText: /\S/ }).waitFor();
    await page.keyboard.type("echo in-$((1+1))");
    await page.keyboard.press("Enter");
    await page.locator(".xterm-rows", { hasText: "in-2" }).waitFor();
    await page.keyboard.press("Control+Shift+L");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "tab");
  });

  await context.test("a dialog gives the focus back where it was", async () => {
    await page.goto(`${page.url().split("#")[0]}#/settings/users`);
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await tabTo(page, "Add a user");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await focusedName(page), "Add a user");
  });
});

/** Presses Tab until what is named so has the focus. */
async function tabTo(
  page: Page,
  name: string | RegExp,
  { within, tag }: { readonly within?: string; readonly tag?: string } = {},
): Promise<void> {
  const stops: string[] = [];
  for (let step = 0; step < mostStops; step += 1) {
    await page.keyboard.press("Tab");
    const focused = await focusedName(page);
    stops.push(focused);
    const fits = typeof name === "string" ? focused === name : name.test(focused);
    const inside = await page.evaluate(
      ([selector, tagName]) =>
        (selector === undefined || document.activeElement?.closest(selector) !== null) &&
        (tagName === undefined || document.activeElement?.tagName === tagName),
      [within, tag],
    );
    if (fits && inside) return;
  }
  assert.fail(`${name} is not among the stops of Tab: ${stops.join(" · ")}`);
}

/** What the element with the focus is called. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    const labels = (element as HTMLInputElement | null)?.labels;
    const text = element?.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? element?.innerText ?? "";
    return text.trim().replace(/\s+/g, " ");
  });
}
