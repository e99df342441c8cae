import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startProgram } from "../support/startProgram.ts";
import { startTcpProxy } from "../support/tcpProxy.ts";

failOnLeaks();

test("a terminal in the browser", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const proxy = await startTcpProxy(context, program.port);
  // While the network is cut the browser says so.
  const page = await openWindow(context, browser, { expected: /net::ERR_|WebSocket connection/ });
  await page.goto(program.consoleLink.replace(`:${program.port}/`, `:${proxy.port}/`));
  await page.getByRole("link", { name: hostname() }).first().click();
  await page.getByRole("link", { name: "Terminal" }).click();

  await context.test("types and prints, also what is not English", async () => {
    await page.getByRole("button", { name: "New terminal" }).click();
    await see(page, /\S/);
    await run(page, "echo $((6 * 7))-节点-é");
    await see(page, /^42-节点-é/m);
  });

  await context.test("colours are colours", async () => {
    await run(page, "printf '\\033[31mred\\033[0m-plain\\n'");
    await page.locator(".xterm-rows span.xterm-fg-1", { hasText: /^red$/ }).waitFor();
  });

  await context.test("a program that takes the whole screen gives it back", { skip: missing("vim") }, async () => {
    const file = join(program.dataFolder, "written-by-vim");
    await run(page, "echo before-the-editor");
    await see(page, /^before-the-editor/m);
    await run(page, `vim -u NONE -N ${file}`);
    await see(page, /^~$/m);
    assert.doesNotMatch(await screenText(page), /before-the-editor/, "the alternate screen");
    const rows = (await screenText(page)).match(/^~$/gm)?.length ?? 0;
    await page.setViewportSize({ width: 1000, height: 600 });
    await eventually(async () => {
      const now = (await screenText(page)).match(/^~$/gm)?.length ?? 0;
      return now > 0 && now < rows;
    });
    await page.keyboard.type("iwritten in a browser");
    await page.keyboard.press("Escape");
    await run(page, ":wq");
    await see(page, /^before-the-editor/m);
    assert.equal(readFileSync(file, "utf8"), "written in a browser\n");
  });

  await context.test("top fills the screen that there is, and ends", { skip: missing("top") }, async () => {
    await run(page, "top");
    await see(page, /load average/);
    await see(page, /PID\s+USER/);
    await page.keyboard.press("q");
    // When it ends, top throws away what was typed ahead: only at the shell's prompt somebody listens again.
    await see(page, /[#$]\s*$/);
    await run(page, "echo after-top");
    await see(page, /^after-top/m);
  });

  await context.test("the shell knows the size of the window", async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    // It is told a moment after the window has changed.
    await eventually(async () => {
      await run(page, "clear; stty size");
      const [, rows, columns] = await see(page, /^(\d+) (\d+)$/m);
      return Number(rows) === (await page.locator(".xterm-rows > div").count()) && Number(columns) > 100;
    });
  });

  await context.test("a cut of the network in the middle of the output loses nothing", async () => {
    const gate = join(program.dataFolder, "gate");
    await run(
      page,
      `kept=yes; clear; for n in $(seq 1 300); do echo tick $n; [ $n = 150 ] && while [ ! -e ${gate} ]; do sleep 0.1; done; done`,
    );
    await see(page, /^tick 150$/m);
    proxy.cut();
    await page.getByText("The connection to the core is lost.").first().waitFor();
    // What is printed now is printed while nobody is there.
    writeFileSync(gate, "");
    proxy.heal();
    await eventually(async () => {
      // The next try may be some seconds away.
      await page
        .getByRole("button", { name: "Try now" })
        .click({ timeout: 500 })
        .catch(() => {});
      return /^tick 300$/m.test(await screenText(page));
    });
    await page.locator(".xterm-helper-textarea").focus();
    await run(page, "echo kept: $kept");
    await see(page, /^kept: yes/m);
    assert.deepEqual(ticks(await savedText(page)), wholeCount(300), "every line once, in order");
  });

  await context.test("a reload finds the same shell with its scroll-back", async () => {
    await page.reload();
    await see(page, /^kept: yes/m);
    await page.locator(".xterm-helper-textarea").focus();
    await run(page, "echo still $kept");
    await see(page, /^still yes/m);
    assert.deepEqual(ticks(await savedText(page)), wholeCount(300));
  });

  await context.test("a search finds what has scrolled away", async () => {
    await page.locator(".xterm-helper-textarea").focus();
    await page.keyboard.press("Control+Shift+F");
    await page.getByRole("textbox", { name: "Search in the terminal" }).fill("tick 17");
    await page.keyboard.press("Enter");
    await see(page, /^tick 17/m);
    await page.keyboard.press("Escape");
  });

  await context.test("the end of the shell is told", async () => {
    await page.locator(".xterm-helper-textarea").focus();
    await run(page, "exit 7");
    await page.getByText("The shell has ended with exit code 7.").first().waitFor();
  });
});

function missing(program: string): string | false {
  const found = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
  return found ? false : `${program} is not installed here`;
}

async function run(page: Page, line: string): Promise<void> {
  await page.locator(".xterm-helper-textarea").waitFor({ state: "attached" });
  await page.keyboard.insertText(line);
  await page.keyboard.press("Enter");
}

async function screenText(page: Page): Promise<string> {
  const rows = await page.locator(".xterm-rows > div").allInnerTexts();
  return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
}

function see(page: Page, pattern: RegExp): Promise<RegExpExecArray> {
  let last = "";
  return eventually(async () => {
    last = await screenText(page);
    return pattern.exec(last) ?? undefined;
  }).catch((error: Error) => {
    throw new Error(`${pattern} is not on the screen:\n${last}`, { cause: error });
  });
}

/** All that the terminal has, also what has scrolled away. */
async function savedText(page: Page): Promise<string> {
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save what the terminal shows" }).click();
  const file = await (await saving).path();
  return readFileSync(file, "utf8");
}

function ticks(text: string): number[] {
  return Array.from(text.matchAll(/^tick (\d+)\s*$/gm), ([, number]) => Number(number));
}

function wholeCount(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
