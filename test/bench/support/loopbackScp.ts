import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { keepUntilExit, scratchFolder } from "./cleanUp.ts";

const daemon = "/usr/sbin/sshd";
/** Made by the system when it starts the service; sshd does not run as root without it. */
const separationFolder = "/run/sshd";

/** `scp` to this very machine, over an sshd of its own with keys of its own. */
export class LoopbackScp {
  readonly #port: number;
  readonly #folder: string;
  readonly #stop: () => void;

  private constructor(port: number, folder: string, stop: () => void) {
    this.#port = port;
    this.#folder = folder;
    this.#stop = stop;
  }

  /** Undefined, with the reason told to `say`, where there is no sshd or it does not run. */
  static async start(say: (what: string) => void): Promise<LoopbackScp | undefined> {
    if (!existsSync(daemon)) {
      say(`no comparison with scp: there is no ${daemon}`);
      return undefined;
    }
    const folder = scratchFolder("bench-ssh");
    for (const name of ["host", "user"]) {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
    }
    const port = await freePort();
    if (process.getuid?.() === 0) mkdirSync(separationFolder, { recursive: true });
    const configuration = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(folder, "user.pub")}`,
      `PidFile ${join(folder, "pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "Subsystem sftp internal-sftp",
    ];
    writeFileSync(join(folder, "config"), `${configuration.join("\n")}\n`);
    const child = spawn(daemon, ["-D", "-e", "-f", join(folder, "config")], { stdio: ["ignore", "ignore", "pipe"] });
    keepUntilExit(child);
    let said = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      said += bytes.toString("utf8");
    });
    const scp = new LoopbackScp(port, folder, () => child.kill());
    for (let attempt = 0; attempt < 50 && child.exitCode === null; attempt += 1) {
      if (await listens(port)) return scp;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    say(`no comparison with scp: sshd does not run here: ${said.trim()}`);
    child.kill();
    return undefined;
  }

  /** Copies a file to the other side. @returns seconds */
  upload(from: string, to: string): Promise<number> {
    return this.#copy(from, this.#there(to));
  }

  download(from: string, to: string): Promise<number> {
    return this.#copy(this.#there(from), to);
  }

  stop(): void {
    this.#stop();
  }

  #there(file: string): string {
    return `${userInfo().username}@127.0.0.1:${file}`;
  }

  async #copy(from: string, to: string): Promise<number> {
    const options = [
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "LogLevel=ERROR",
      "IdentitiesOnly=yes",
    ];
    const args = ["-q", "-P", `${this.#port}`, "-i", join(this.#folder, "user"), "-F", "none"];
    const startedAt = performance.now();
    const child = spawn("scp", [...args, ...options.flatMap((option) => ["-o", option]), from, to], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`scp ended with ${code}`);
    return (performance.now() - startedAt) / 1000;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
