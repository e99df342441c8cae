import { createHash } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Disposable } from "../base/disposable.ts";
import { toDisposable } from "../base/disposable.ts";
import { PicketError } from "../base/errors.ts";

/** Where Picket keeps everything when nobody says otherwise. */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "Picket");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Picket");
  if (process.getuid?.() === 0) return "/var/lib/picket";
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "picket");
}

/**
 * Makes the folder if it is not there and takes it for this process alone.
 *
 * @returns what gives it back
 * @throws {PicketError} `DATA_FOLDER_UNUSABLE`, `DATA_FOLDER_IN_USE`; nothing is changed then
 */
export function takeDataFolder(folder: string): Disposable {
  let made: string | undefined;
  try {
    made = makeFolder(resolve(folder));
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new PicketError("DATA_FOLDER_UNUSABLE", {
      message: `The data folder ${folder} cannot be used (${reason}).`,
      cause,
    });
  }
  const lock = join(folder, "lock");
  const own = `${process.pid} ${startTime(process.pid) ?? ""}`;
  try {
    writeLock(lock, own, "wx");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new PicketError("DATA_FOLDER_UNUSABLE", { message: `The data folder ${folder} is not writable.`, cause });
    }
    const holder = liveHolder(lock);
    if (holder !== undefined) {
      throw new PicketError("DATA_FOLDER_IN_USE", {
        message: `Another Picket (process ${holder}) uses the data folder ${folder}.`,
      });
    }
    // Left over from a crash.
    writeLock(lock, own, "w");
  }
  return toDisposable(() => {
    rmSync(lock, { force: true });
    if (made !== undefined) removeEmpty(resolve(folder), resolve(made));
  });
}

/** On a full disk the lock stays empty: a machine whose disk is full is one that somebody wants to reach. */
function writeLock(lock: string, own: string, flag: "w" | "wx"): void {
  try {
    writeFileSync(lock, own, { flag, mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

/**
 * Makes a folder and those above it, and returns the first that was made. One by one, since Node's recursive `mkdir`
 * never ends below a folder such as `/proc`, where nothing can be made and no error says so.
 */
function makeFolder(folder: string): string | undefined {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(folder).isDirectory()) return undefined;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
  }
  const first = makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  return first ?? folder;
}

/** A start that failed leaves no empty folders behind. */
function removeEmpty(folder: string, first: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
  if (folder !== first) removeEmpty(dirname(folder), first);
}

/** The process that holds the lock, if it still runs. */
function liveHolder(lock: string): number | undefined {
  const [pidText = "", started = ""] = readFileSync(lock, "utf8").split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
  }
  // The number may have been given to another program since.
  const now = startTime(pid);
  return now === undefined || started === "" || now === started ? pid : undefined;
}

/** When a process started, in the kernel's ticks; undefined where the kernel does not say. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything; the fields after it do not.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** The kernel's limit for the path of a socket is 108 bytes, and less elsewhere. */
const longestSocketPath = 100;

/**
 * The socket over which subcommands and the embedded agent reach the core: in the data folder, where only its owner can
 * open it. Where the folder's path is too long, in a folder of the same owner's under the temporary one.
 */
export function localSocketPath(dataFolder: string): string {
  const name = createHash("sha256").update(resolve(dataFolder)).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\picket-${name}`;
  const path = join(resolve(dataFolder), "core.sock");
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  return join(privateTemporaryFolder(), `${name}.sock`);
}

function privateTemporaryFolder(): string {
  const folder = join(tmpdir(), `picket-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  // Somebody else's folder of that name would let them put their own socket there.
  if (!lstatSync(folder).isDirectory() || uid !== userInfo().uid) {
    throw new PicketError("DATA_FOLDER_UNUSABLE", { message: `${folder} belongs to somebody else.` });
  }
  chmodSync(folder, 0o700);
  return folder;
}
