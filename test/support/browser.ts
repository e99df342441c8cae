import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const path = process.env["PICKET_TEST_BROWSER"];

/** For `test(…, { skip: noBrowser })`. Where everything must run, a missing browser is no reason to skip. */
export const noBrowser: string | false =
  path !== undefined && path !== ""
    ? false
    : process.env["CI"] === "true"
      ? fail("PICKET_TEST_BROWSER names no browser")
      : "no browser: PICKET_TEST_BROWSER is not set";

function fail(message: string): never {
  throw new Error(message);
}

type Context = Pick<TestContext, "after">;

export interface WindowOptions extends BrowserContextOptions {
  /** What the browser itself reports as an error although the test means it to happen. */
  readonly expected?: RegExp;
}

/**
 * A real browser, gone when the test ends. Start it before the program: what was started first is ended first, and a
 * window that sees its core go away says so.
 */
export async function startBrowser(context: Context): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: path ?? "",
    // In containers the browser has no sandbox of its own. Without WebGL a terminal is text on the page.
    args: ["--no-sandbox", "--disable-3d-apis"],
  });
  context.after(() => browser.close());
  return browser;
}

/**
 * A window of its own, with cookies of its own. The test fails when a script threw, the console reported an error, or the
 * page tried something that its policy forbids.
 */
export async function openWindow(context: Context, browser: Browser, options: WindowOptions = {}): Promise<Page> {
  const { expected, ...rest } = options;
  const made = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...rest });
  const faults: string[] = [];
  const report = (fault: string): void => {
    if (expected?.test(fault) !== true) faults.push(fault);
  };
  await made.exposeFunction("reportViolation", report);
  await made.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      const { reportViolation } = window as unknown as { reportViolation: (fault: string) => void };
      reportViolation(`policy violated: ${violatedDirective} by ${blockedURI}`);
    });
  });
  const page = await made.newPage();
  page.setDefaultTimeout(15_000);
  page.on("console", (message) => {
    if (message.type() === "error") report(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => report(`thrown: ${error.message}`));
  page.on("dialog", (dialog) => {
    report(`a script opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.after(async () => {
    await made.close();
    assert.deepEqual(faults, [], "the window reported errors");
  });
  return page;
}
