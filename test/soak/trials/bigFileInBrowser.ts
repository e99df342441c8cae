import { createHash } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { chromium, type Page } from "playwright-core";
import { removeFolder, scratchFolder } from "../../bench/support/cleanUp.ts";
import { pause, residentBytes } from "../../bench/support/processUsage.ts";
import { administrator, CoreProcess } from "../../bench/support/product.ts";
import { CuttingProxy } from "../cuttingProxy.ts";
import { makeFile } from "../makeFile.ts";
import type { Check, SoakOptions, Trial } from "../trial.ts";

const size = 5 * 1024 ** 3;
const cuts = 10;
/** A network of a gigabit. */
const bytesPerSecond = 119_000_000;
const allowedGrowth = 64 * 1024 * 1024;
const allowedRepeat = 0.01;
const patience = 15 * 60_000;

/** The same with the console in a real browser, as somebody at a desk does it. */
export const bigFileInBrowser: Trial = {
  letter: "g",
  title: "a document of 5 GiB up and down in a browser through ten cuts each way",
  minutes: 10,
  async run({ say }: SoakOptions): Promise<readonly Check[]> {
    const executablePath = process.env["PICKET_TEST_BROWSER"];
    if (executablePath === undefined) return [{ what: "skipped: PICKET_TEST_BROWSER names no browser", value: "" }];
    const folder = scratchFolder("soak-g");
    const profile = join(folder, "profile");
    const core = await CoreProcess.start({ dataFolder: join(folder, "data") });
    const proxy = await CuttingProxy.start(Number(new URL(core.url).port), bytesPerSecond);
    // With a profile on the disk: what a private window writes into files stays in memory.
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath,
      locale: "en-GB",
      args: ["--no-sandbox", "--disable-3d-apis"],
    });
    try {
      say("the file is made");
      const path = join(folder, "large.bin");
      const hash = await makeFile(path, size);
      const page = await browser.newPage();
      await page.addInitScript(() => {
        // A test cannot press the browser's own dialog: the file is written into a folder that only this page sees.
        Object.assign(window, {
          showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
            (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true }),
        });
      });
      await signIn(page, `http://127.0.0.1:${proxy.port}`);
      const leg = (name: string, direction: "up" | "down", start: () => Promise<void>): Promise<Check[]> => {
        say(name);
        return runLeg({ name, direction, core, proxy, page, start });
      };
      const up = await leg("up in the browser", "up", () =>
        page.locator('input[type="file"][multiple]').setInputFiles(path),
      );
      const row = page.getByRole("row").filter({ has: page.getByRole("button", { name: "large.bin", exact: true }) });
      await row.click();
      await page.keyboard.press("Alt+Enter");
      await page.getByText(hash).waitFor();
      const down = await leg("down in the browser", "down", () =>
        page.getByRole("complementary").getByRole("button", { name: "Download" }).click(),
      );
      say("what was written is hashed");
      const written = await hashOf(writtenFile(profile));
      return [...up, ...down, { what: "the browser wrote the same file", value: written, ok: written === hash }];
    } finally {
      await browser.close();
      proxy.close();
      await core.stop();
      removeFolder(folder);
    }
  },
};

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("User name").fill(administrator.username);
  await page.getByLabel("Password").fill(administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Documents" }).click();
  await page.getByText("This folder is empty").waitFor();
}

interface LegOptions {
  readonly name: string;
  readonly direction: "up" | "down";
  readonly core: CoreProcess;
  readonly proxy: CuttingProxy;
  readonly page: Page;
  readonly start: () => Promise<void>;
}

async function runLeg({ name, direction, core, proxy, page, start }: LegOptions): Promise<Check[]> {
  await pause(3_000);
  const rest = { core: residentBytes(core.pid), page: pageBytes() };
  const most = { ...rest };
  const before = proxy.bytes[direction];
  const started = performance.now();
  let made = 0;
  const watch = setInterval(() => {
    most.core = Math.max(most.core, residentBytes(core.pid));
    most.page = Math.max(most.page, pageBytes());
    const passed = proxy.bytes[direction] - before;
    if (made === cuts || passed < ((made + 1) * size) / (cuts + 1)) return;
    made += 1;
    proxy.cut();
  }, 100);
  try {
    await start();
    await page.getByRole("button", { name: "Show the transfers" }).click();
    await page.getByText("Everything is done").first().waitFor({ timeout: patience });
    await page.getByRole("button", { name: "Close the list" }).click();
  } finally {
    clearInterval(watch);
  }
  const seconds = (performance.now() - started) / 1000;
  const share = (proxy.bytes[direction] - before - size) / size;
  const growth = { core: most.core - rest.core, page: most.page - rest.page };
  return [
    { what: `${name}: done after ${made} cuts`, value: `${seconds.toFixed(0)} s`, ok: made === cuts },
    { what: `${name}: sent again`, value: `${(share * 100).toFixed(2)} %`, ok: share < allowedRepeat },
    {
      what: `${name}: memory of the core above its rest`,
      value: mebibytes(growth.core),
      ok: growth.core < allowedGrowth,
    },
    {
      what: `${name}: memory of the page above its rest`,
      value: mebibytes(growth.page),
      ok: growth.page < allowedGrowth,
    },
  ];
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** Resident bytes of the largest page of a browser that runs below this process. */
function pageBytes(): number {
  const parents = new Map<number, number>();
  const pages: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer")) pages.push(pid);
    } catch {
      // It ended since the folder was read.
    }
  }
  const isOurs = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === process.pid) return true;
    return false;
  };
  return Math.max(0, ...pages.filter(isOurs).map((pid) => residentBytes(pid)));
}

/** Where the browser keeps what a page wrote. */
function writtenFile(profile: string): string {
  const found = readdirSync(profile, { recursive: true, encoding: "utf8" })
    .map((name) => join(profile, name))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.size === size);
  if (found === undefined) throw new Error("the browser wrote no such file");
  return found;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}
