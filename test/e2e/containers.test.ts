import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startPodman, whyNoPodman } from "../support/podmanEngine.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

const skip = noBrowser === false ? (whyNoPodman() ?? false) : noBrowser;

test("the containers of a node in the browser", { skip, timeout: 170_000 }, async (context) => {
  const podman = await startPodman(context);
  await podman.runContainer(
    "web-1",
    "trap 'exit 0' TERM; i=0; while true; do i=$((i+1)); echo beat $i; sleep 0.2; done",
    ["--env", "DB_PASSWORD=hunter2"],
  );
  await podman.runContainer("worker", "echo '<img src=x onerror=alert(1)> done'; exit 3", [
    "--label",
    "evil=<script>alert(1)</script>",
  ]);
  const browser = await startBrowser(context);
  const program = await startProgram(context, { environment: podman.environment });
  const page = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  await page.getByRole("link", { name: hostname() }).first().click();
  await page.getByRole("link", { name: "Containers" }).click();
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });

  await context.test("they are listed with their states, and the list lives", async () => {
    await row("web-1").getByText("Running").waitFor();
    await row("worker").getByText("Stopped").waitFor();
    await page.getByText(/^Podman \d/).waitFor();
    await podman.runContainer("extra", "trap 'exit 0' TERM; while true; do sleep 0.1; done");
    await row("extra").getByText("Running").waitFor();
    await look(page);
  });

  await context.test("one is stopped and started again", async () => {
    await page.getByRole("button", { name: "Stop: extra" }).click();
    await page.getByText("extra is stopped.").waitFor({ timeout: 20_000 });
    await row("extra").getByText("Stopped").waitFor();
    await page.getByRole("button", { name: "Start: extra" }).click();
    await row("extra").getByText("Running").waitFor();
  });

  await context.test("by keyboard: a menu, a question before it is killed, and an action that is left", async () => {
    await page.getByRole("button", { name: "Actions for extra" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Kill" }).waitFor();
    await page.getByRole("menuitem", { name: "Kill" }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Kill extra?" });
    await dialog.waitFor();
    await look(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await row("extra").getByText("Running").waitFor();
  });

  await context.test("what one prints is followed, searched, and held", async () => {
    await page.getByRole("link", { name: "web-1" }).click();
    const output = page.locator("main pre");
    await output.getByText("beat 1").first().waitFor();
    const before = await output.innerText();
    await eventually(async () => (await output.innerText()) !== before, { what: "more output" });
    await page.getByRole("button", { name: "Hold" }).click();
    await page.getByRole("button", { name: "Go on" }).waitFor();
    const held = await output.innerText();
    await page.getByRole("searchbox").fill("beat 1");
    await eventually(async () => /^(beat 1\d*\n?)+$/.test(await output.innerText()), { what: "only what was sought" });
    await page.getByRole("searchbox").fill("");
    assert.equal(await output.innerText(), held, "nothing moved");
    await page.getByRole("button", { name: "Go on" }).click();
    await eventually(async () => (await output.innerText()) !== held, { what: "the output going on" });
    await page.locator("main dl").getByText("CPU").waitFor();
    await look(page);
  });

  await context.test("its details are there, without its secrets", async () => {
    await page.getByText("Details", { exact: true }).click();
    const details = page.locator("main pre");
    await details.getByText("DB_PASSWORD=‹masked›").waitFor();
    assert.doesNotMatch(await page.content(), /hunter2/);
    await look(page);
  });

  await context.test("a terminal in it", async () => {
    await page.getByRole("button", { name: "Terminal" }).click();
    await page.locator(".xterm-rows").waitFor();
    await eventually(async () => /[#$]/.test(await page.locator(".xterm-rows").innerText()));
    await page.keyboard.type("echo in-$((40 + 2))-$(hostname | wc -c > /dev/null; echo here)\n");
    await page.locator(".xterm-rows").getByText("in-42-here").first().waitFor();
    await page.getByRole("tab", { name: "web-1" }).waitFor();
    await page.keyboard.type("exit 4\n");
    await page.getByText("The shell has ended with exit code 4.").waitFor();
  });

  await context.test("what a hostile container prints and is called is text", async () => {
    await page.getByRole("link", { name: "Containers" }).click();
    await page.getByRole("link", { name: "worker" }).click();
    await page.locator("main pre").getByText("<img src=x onerror=alert(1)> done").waitFor();
    await page.getByText("The output has ended.").waitFor();
    await page.getByText("Details", { exact: true }).click();
    await page.locator("main pre").getByText("<script>alert(1)</script>").first().waitFor();
  });

  await context.test("one is removed, and its page says so", async () => {
    await page.getByRole("button", { name: "Actions for worker" }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("heading", { name: "This container is not here any more" }).waitFor();
    await page.getByRole("link", { name: "All containers" }).click();
    await row("web-1").waitFor();
    await row("worker").waitFor({ state: "detached" });
  });

  await context.test("it fits a narrow window", async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    await row("web-1").waitFor();
    await fits(page);
    await page.getByRole("link", { name: "web-1" }).click();
    await page.locator("main pre").waitFor();
    await fits(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("link", { name: "All containers" }).click();
  });

  await context.test("the engine goes: one line, and the list when it is back", async () => {
    await row("web-1").waitFor();
    await podman.stopService();
    await page.getByRole("heading", { name: "No container engine answers on this node" }).waitFor();
    await podman.startService();
    await row("web-1").getByText("Running").waitFor({ timeout: 20_000 });
  });
});

async function fits(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} pixels too wide`);
}

async function look(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`),
    [],
  );
}
