import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { installDebianPackages } from "./packages.mjs";
import { say } from "./run.mjs";

const places = {
  linux: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/microsoft-edge"],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

/** The path of a Chromium-like browser on this machine, or undefined. `PICKET_TEST_BROWSER` names another one. */
export function findBrowser() {
  const named = process.env.PICKET_TEST_BROWSER;
  if (named !== undefined && named !== "") return named;
  return (places[process.platform] ?? []).find((path) => existsSync(path));
}

/** Finds a browser for the tests, or installs Debian's where that can be done. */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found !== undefined) return found;
  const apt = process.getuid?.() === 0 && spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
  if (apt) {
    say("installing chromium from Debian's packages for the browser tests…");
    await installDebianPackages(["chromium"]);
  }
  const installed = findBrowser();
  if (installed === undefined) {
    say("no Chromium, Chrome or Edge found: the browser tests will say that they were skipped");
  }
  return installed;
}
