import { execFile, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);

/** A container engine of a test's own: real containers, out of the way of any others on this machine. */
export interface PodmanEngine {
  readonly socketPath: string;
  /** What tells an agent where it is. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts a container and resolves with its id. The image has a shell and the usual tools. */
  runContainer(name: string, command: string, options?: readonly string[]): Promise<string>;
  /** Calls the engine's own program. */
  podman(...args: readonly string[]): Promise<string>;
  /** Takes the engine away; its containers stay. */
  stopService(): Promise<void>;
  startService(): Promise<void>;
}

export const testImage = "localhost/picket-test:latest";
const needed = ["podman", "runc", "conmon", "busybox", "tar"];
const tools = ["sh", "ls", "cat", "echo", "sleep", "env", "stty", "seq", "true", "yes", "tty", "ps", "kill"];

/**
 * Why there can be no engine here; undefined when there can.
 *
 * @throws where everything must be tested
 */
export function whyNoPodman(): string | undefined {
  const missing = needed.filter((program) => find(program) === undefined);
  const reason =
    missing.length > 0
      ? `${missing.join(", ")} not installed`
      : process.getuid?.() === 0
        ? undefined
        : "containers of a test's own need root";
  if (reason !== undefined && process.env["CI"] === "true") throw new Error(`no containers: ${reason}`);
  return reason;
}

/** Starts an engine with storage of its own; gone with its containers when the test ends. */
export async function startPodman(context: Pick<TestContext, "after">): Promise<PodmanEngine> {
  // The paths of sockets are short.
  const folder = mkdtempSync(join(tmpdir(), "picket-pod-"));
  const socketPath = join(folder, "engine.sock");
  const inside = (name: string): string => join(folder, name);
  mkdirSync(inside("tmp"));
  writeFileSync(inside("containers.conf"), configuration);
  const environment = {
    PATH: `${process.env["PATH"]}${delimiter}/usr/sbin${delimiter}/sbin`,
    HOME: folder,
    TMPDIR: inside("tmp"),
    CONTAINERS_CONF: inside("containers.conf"),
  };
  const place = ["--root", inside("store"), "--runroot", inside("run"), "--tmpdir", inside("libpod")];
  const common = [...place, "--storage-driver", "vfs"];
  const podman = async (...args: readonly string[]): Promise<string> =>
    (await run("podman", [...common, ...args], { env: environment, timeout: 60_000 })).stdout.trim();
  let service: ReturnType<typeof spawn> | undefined;
  const stopService = async (): Promise<void> => {
    const running = service;
    service = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
    rmSync(socketPath, { force: true });
  };
  const startService = async (): Promise<void> => {
    const args = [...common, "system", "service", "--time", "0", `unix://${socketPath}`];
    service = spawn("podman", args, { env: environment, stdio: "ignore" });
    await eventually(() => existsSync(socketPath), { what: "the engine's socket" });
  };
  context.after(async () => {
    await stopService();
    await podman("rm", "--force", "--time", "0", "--all");
    await endMonitors(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await importImage(folder, podman);
  await startService();
  return {
    socketPath,
    environment: { DOCKER_HOST: `unix://${socketPath}` },
    runContainer: (name, command, options = []) =>
      podman("run", "--detach", "--name", name, "--network", "none", ...options, testImage, "sh", "-c", command),
    podman,
    stopService,
    startService,
  };
}

/** No network and no other engine's settings; limits that also a machine with low ones allows. */
const configuration = `
[containers]
netns = "none"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"

[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** An image without any other's bytes: one program that is all of them, and who root is. */
async function importImage(folder: string, podman: (...args: readonly string[]) => Promise<string>): Promise<void> {
  const root = join(folder, "image");
  for (const name of ["bin", "etc", "tmp", "proc", "sys", "dev"]) mkdirSync(join(root, name), { recursive: true });
  copyFileSync(find("busybox") ?? "", join(root, "bin/busybox"));
  chmodSync(join(root, "bin/busybox"), 0o755);
  for (const tool of tools) symlinkSync("busybox", join(root, "bin", tool));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
  const archive = join(folder, "image.tar");
  await run("tar", ["-C", root, "-cf", archive, "."]);
  await podman("import", archive, testImage);
}

/** Podman leaves one behind every program that ran in a container, for five minutes. The folder in its line is ours. */
async function endMonitors(folder: string): Promise<void> {
  const monitors = (): number[] =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && commandLine(name).some((word) => word.startsWith(`${folder}/`)))
      .map(Number);
  for (const pid of monitors()) if (pid !== process.pid) process.kill(pid, "SIGKILL");
  await eventually(() => monitors().length === 0, { what: "the end of the engine's processes" });
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

function find(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
