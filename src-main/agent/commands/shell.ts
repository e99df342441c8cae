import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { PicketError } from "../../base/errors.ts";

/** The user that something runs as. */
export interface Account {
  readonly name: string;
  readonly home: string;
  readonly shell: string | undefined;
  /** Undefined: the agent's own user, nothing is changed. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

/** The account of the policy's `run_as`, or the agent's own. @throws {PicketError} `FORBIDDEN_BY_POLICY` */
export function accountOf(runAs: string | undefined): Account {
  const own = userInfo();
  if (runAs === undefined || runAs === own.username) {
    return { name: own.username, home: homedir(), shell: own.shell ?? undefined, ids: undefined };
  }
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === runAs);
  const [name, , uid, gid, , home, shell] = entry ?? [];
  if (name === undefined) {
    throw new PicketError("FORBIDDEN_BY_POLICY", { details: `the policy's user ${runAs} does not exist` });
  }
  if (process.getuid?.() !== 0) {
    throw new PicketError("FORBIDDEN_BY_POLICY", { details: `only root can run things as ${runAs}` });
  }
  return { name, home: home ?? "/", shell, ids: { uid: Number(uid), gid: Number(gid) } };
}

/** Where what this account starts begins: its home, or the root where it has none, as many service accounts do. */
export function startFolder(account: Account, wanted?: string): string {
  return [wanted, account.home].find((path) => path !== undefined && isFolder(path)) ?? "/";
}

/** The shell that a terminal opens when it asks for none. */
export function defaultShell(account: Account, allowed: readonly string[] | undefined): string {
  if (allowed?.[0] !== undefined) return allowed[0];
  if (process.platform === "win32") return process.env["ComSpec"] ?? "cmd.exe";
  const own = account.ids === undefined ? process.env["SHELL"] : undefined;
  const candidates = [own, account.shell, "/bin/bash", "/bin/sh"];
  return candidates.find((shell) => shell !== undefined && shell !== "" && existsSync(shell)) ?? "/bin/sh";
}

/** How a command line is run by the platform's shell. */
export function commandShell(commandText: string): { readonly file: string; readonly args: readonly string[] } {
  if (process.platform === "win32") {
    return { file: process.env["ComSpec"] ?? "cmd.exe", args: ["/d", "/s", "/c", commandText] };
  }
  return { file: "/bin/sh", args: ["-c", commandText] };
}

/** The environment of what the agent starts: the machine's, without what concerns the agent itself. */
export function environmentOf(account: Account, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const ours =
      name.startsWith("PICKET_") || name.startsWith("npm_") || name.startsWith("NODE_") || name === "INIT_CWD";
    if (value !== undefined && !ours) inherited[name] = value;
  }
  const user = process.platform === "win32" ? {} : { USER: account.name, LOGNAME: account.name, HOME: account.home };
  return { ...inherited, ...user, ...extra };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
