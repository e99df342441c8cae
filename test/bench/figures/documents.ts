import { createHash, randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { BareFiles } from "../children/bareFiles.ts";
import type { FileMover } from "../children/fileMover.ts";
import { Child } from "../support/child.ts";
import { removeFolder, scratchFolder } from "../support/cleanUp.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { LoopbackScp } from "../support/loopbackScp.ts";
import { residentBytes } from "../support/processUsage.ts";
import { administrator, CoreProcess } from "../support/product.ts";

const mebibyte = 1024 * 1024;

/** Megabytes (10⁶) per second, one number per round. */
interface Rates {
  readonly bare: number[];
  readonly scp: number[];
  readonly ours: number[];
}

/** Files into the core and out of it, against a bare `ws` that hashes and writes, and against `scp`. */
export const documents: Figure = {
  name: "documents",
  title: "a file up and down with SHA-256, against a bare ws stream and scp",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const size = (options.quick ? 128 : 1024) * mebibyte + 1;
    const folder = scratchFolder("bench-files");
    const file = join(folder, "source.bin");
    const sha256 = makeFile(file, size);
    const bare = Child.start<BareFiles>(import.meta.url, "../children/bareFiles.ts");
    const mover = Child.start<FileMover>(import.meta.url, "../children/fileMover.ts");
    const url = `ws://127.0.0.1:${await bare.call("listen", folder)}`;
    const core = await CoreProcess.start();
    await mover.call("signIn", { url: `${core.wsUrl}/cfms`, ...administrator });
    const scp = await LoopbackScp.start(options.say);
    const up: Rates = { bare: [], scp: [], ours: [] };
    const down: Rates = { bare: [], scp: [], ours: [] };
    const idle = residentBytes(core.pid);
    const memory: number[] = [];
    const rate = (seconds: number): number => size / 1e6 / seconds;
    const check = (moved: { readonly sha256: string; readonly seconds: number }): number => {
      if (moved.sha256 !== sha256) throw new Error("what came is not what was sent");
      return rate(moved.seconds);
    };
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      const there = join(folder, "there.bin");
      const back = join(folder, "back.bin");
      up.bare.push(check(await mover.call("bareUpload", { url, name: "there.bin", file })));
      down.bare.push(check(await mover.call("bareDownload", { url, name: "there.bin", file: back })));
      for (const one of [there, back]) rmSync(one, { force: true });
      if (scp !== undefined) {
        up.scp.push(rate(await scp.upload(file, there)));
        down.scp.push(rate(await scp.download(there, back)));
        for (const one of [there, back]) rmSync(one, { force: true });
      }
      const sent = await mover.call("upload", { file, title: `round-${round}.bin`, sha256 });
      up.ours.push(check(sent));
      memory.push((residentBytes(core.pid) - idle) / 1e6);
      down.ours.push(check(await mover.call("download", { documentId: sent.documentId, file: back })));
      rmSync(back, { force: true });
      memory.push((residentBytes(core.pid) - idle) / 1e6);
    }
    scp?.stop();
    for (const child of [bare, mover]) await child.stop();
    await core.stop();
    removeFolder(folder);
    const unit = `MB/s, ${Math.round(size / mebibyte)} MiB`;
    const row = (name: string, baseline: readonly number[], { ours }: Rates): Row => ({
      ...{ name, unit, digits: 0, baseline, ours, aim: { of: "ratio", is: "at least", limit: 0.8 } },
    });
    const against = (name: string, baseline: readonly number[], { ours }: Rates): Row => ({
      ...{ name, unit, digits: 0, baseline, ours, aim: { of: "ratio", is: "at least", limit: 1 } },
    });
    return [
      row("document upload", up.bare, up),
      row("document download", down.bare, down),
      ...(scp === undefined
        ? []
        : [against("document upload, scp", up.scp, up), against("document download, scp", down.scp, down)]),
      {
        name: "  the core's memory above idle",
        unit: "MB resident",
        digits: 1,
        baseline: [],
        ours: memory,
        aim: { of: "value", is: "at most", limit: 64 * 1.048576 },
      },
    ];
  },
};

/** A file that no disk or network can make smaller. @returns its SHA-256 */
function makeFile(file: string, size: number): string {
  const hash = createHash("sha256");
  const handle = openSync(file, "w");
  for (let left = size; left > 0; ) {
    const bytes = randomBytes(Math.min(mebibyte, left));
    hash.update(bytes);
    left -= writeSync(handle, bytes);
  }
  closeSync(handle);
  return hash.digest("hex");
}
