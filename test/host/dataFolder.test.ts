import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { defaultDataFolder, localSocketPath, takeDataFolder } from "../../src-main/host/dataFolder.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const lockOf = (folder: string): string => join(folder, "lock");

/** Another process that lives until the test ends, with the line that it would have put into a lock. */
async function otherProcess(t: TestContext): Promise<{ readonly pid: number; readonly line: string }> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  const exited = once(child, "exit");
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const pid = child.pid ?? 0;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return { pid, line: `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}` };
}

test("a folder is made for its owner alone, taken, and given back", (t) => {
  const folder = join(temporaryFolder(t), "a", "b");
  const taken = takeDataFolder(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(lockOf(folder)).mode & 0o777, 0o600);
  assert.match(readFileSync(lockOf(folder), "utf8"), new RegExp(`^${process.pid} `));
  writeFileSync(join(folder, "kept"), "");
  taken.dispose();
  assert.equal(existsSync(lockOf(folder)), false);
  takeDataFolder(folder).dispose();
  assert.equal(existsSync(join(folder, "kept")), true);
});

test("a folder that was made and stayed empty is taken away again, one that was there stays", (t) => {
  const parent = temporaryFolder(t);
  takeDataFolder(join(parent, "a", "b")).dispose();
  assert.equal(existsSync(join(parent, "a")), false);
  takeDataFolder(parent).dispose();
  assert.equal(existsSync(parent), true);
});

test("a folder that a living process holds is refused by its number, and its lock stays as it is", async (t) => {
  const folder = temporaryFolder(t);
  const { pid, line } = await otherProcess(t);
  for (const held of [line, `${pid} `]) {
    writeFileSync(lockOf(folder), held);
    assert.throws(() => takeDataFolder(folder), {
      code: "DATA_FOLDER_IN_USE",
      message: `Another Picket (process ${pid}) uses the data folder ${folder}.`,
    });
    assert.equal(readFileSync(lockOf(folder), "utf8"), held);
  }
});

test("a lock that a crash left over is taken over", async (t) => {
  const folder = temporaryFolder(t);
  const ended = execFileSync(process.execPath, ["-e", "console.log(process.pid)"], { encoding: "utf8" }).trim();
  const { pid } = await otherProcess(t);
  const left = [`${ended} 12345`, `${ended} `, `${pid} 1`, `${process.pid} 1`, "", "nonsense", "-1 5", "0 0"];
  for (const line of left) {
    writeFileSync(lockOf(folder), line);
    const taken = takeDataFolder(folder);
    assert.match(readFileSync(lockOf(folder), "utf8"), new RegExp(`^${process.pid} \\d+$`), JSON.stringify(line));
    taken.dispose();
  }
});

test("a folder that cannot be one is refused with the reason", (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "file");
  writeFileSync(file, "");
  for (const [path, reason] of [
    [file, "EEXIST"],
    [join(file, "below"), "ENOTDIR"],
  ] as const) {
    assert.throws(() => takeDataFolder(path), {
      code: "DATA_FOLDER_UNUSABLE",
      message: `The data folder ${path} cannot be used (${reason}).`,
    });
  }
});

test("a folder that this user may not write is refused", { skip: process.getuid?.() === 0 }, (t) => {
  const folder = join(temporaryFolder(t), "closed");
  mkdirSync(folder, { mode: 0o500 });
  assert.throws(() => takeDataFolder(folder), { code: "DATA_FOLDER_UNUSABLE" });
  assert.throws(() => takeDataFolder(join(folder, "below")), { code: "DATA_FOLDER_UNUSABLE" });
});

test("where data lives by default is each system's own place", () => {
  assert.equal(defaultDataFolder("win32", { LOCALAPPDATA: "C:/local" }), join("C:/local", "Picket"));
  assert.equal(defaultDataFolder("darwin", {}), join(homedir(), "Library", "Application Support", "Picket"));
  const isRoot = process.getuid?.() === 0;
  assert.equal(defaultDataFolder("linux", { XDG_DATA_HOME: "/x" }), isRoot ? "/var/lib/picket" : "/x/picket");
});

test("the local socket is in the folder, or, where that path is too long, in a folder of the owner's", (t) => {
  const folder = temporaryFolder(t);
  assert.equal(localSocketPath(folder), join(folder, "core.sock"));
  const long = join(folder, "x".repeat(120));
  const path = localSocketPath(long);
  assert.ok(Buffer.byteLength(path) < 104, path);
  assert.equal(localSocketPath(long), path, "always the same for the same folder");
  assert.notEqual(localSocketPath(`${long}y`), path);
  assert.equal(statSync(join(path, "..")).mode & 0o777, 0o700);
  rmSync(path, { force: true });
});

test("a folder where none can be made is refused, also where the system never says why", {
  skip: process.platform === "linux" ? false : "only Linux has /proc",
}, () => {
  assert.throws(() => takeDataFolder("/proc/picket/data"), { code: "DATA_FOLDER_UNUSABLE" });
});
