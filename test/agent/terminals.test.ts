import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Policy } from "../../src-main/agent/policy/policy.ts";
import { TerminalHost } from "../../src-main/agent/terminals/terminalHost.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { resetCode } from "../../src-main/wire/channels/frame.ts";
import { ChannelReader, channelPair } from "../support/channelPair.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { ManualClock } from "../support/manualClock.ts";
import { isRunning } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const tenMinutes = 10 * 60_000;

interface Terminals {
  readonly host: TerminalHost;
  readonly clock: ManualClock;
  readonly policyFile: string;
  /** Opens a terminal, or takes one up again. */
  view(params?: object): Promise<View>;
}

interface View {
  readonly reader: ChannelReader;
  readonly session: string;
  readonly offset: number;
  readonly exitCodes: readonly number[];
  readonly clock: ManualClock;
  type(text: string): void;
  cut(): Promise<boolean>;
}

async function terminals(t: TestContext): Promise<Terminals> {
  const policyFile = join(temporaryFolder(t), "policy.yaml");
  const clock = new ManualClock();
  const policy = await Policy.load({ file: policyFile, logger: silentLogger });
  const host = new TerminalHost({ clock, logger: silentLogger, policy });
  t.after(() => host.close());
  return {
    host,
    clock,
    policyFile,
    async view(params = {}) {
      const { near, far, cut } = channelPair();
      const exitCodes: number[] = [];
      const asked = { owner: "somebody", shell: "/bin/sh", env: { PS1: "$ " }, ...params };
      const { session, offset } = await host.open(asked, far, (code) => {
        exitCodes.push(code);
        far.end();
      });
      const reader = new ChannelReader(near);
      return {
        reader,
        session,
        offset,
        exitCodes,
        clock,
        type: (text) => near.write(new TextEncoder().encode(text)),
        cut() {
          cut();
          // The other end learns of it in a later turn.
          return eventually(() => reader.closedBy !== undefined);
        },
      };
    },
  };
}

/** Output is gathered for two milliseconds, which have to pass. */
const shown = (view: View, text: string): Promise<boolean> =>
  eventually(
    () => {
      view.clock.advance(2);
      return view.reader.text().includes(text);
    },
    { what: `"${text}" on the terminal` },
  );

test("a shell answers what is typed, and says how it ended", async (t) => {
  const { view } = await terminals(t);
  const terminal = await view();
  terminal.type("echo $((6 * 7))\n");
  await shown(terminal, "42");
  terminal.type("exit 3\n");
  await eventually(() => terminal.exitCodes.length > 0);
  assert.deepEqual(terminal.exitCodes, [3]);
});

test("a shell outlives its link for ten minutes, and its viewer goes on at the byte where it was", async (t) => {
  const { view, clock } = await terminals(t);
  const first = await view();
  first.type("x=kept; echo on''e\n");
  await shown(first, "one");
  const seen = first.reader.length;
  first.type("sleep 0.2; echo tw''o\n");
  await first.cut();
  clock.advance(tenMinutes - 10_000);
  const second = await view({ session: first.session, offset: seen });
  assert.equal(second.offset, seen);
  await shown(second, "two");
  assert.equal(second.reader.text().includes("one"), false, "what was seen is not shown again");
  second.type("echo still-$x\n");
  await shown(second, "still-kept");
  await second.cut();
  const whole = await view({ session: first.session });
  assert.equal(whole.offset, 0);
  await shown(whole, "still-kept");
  assert.ok(whole.reader.text().includes("one"), "without an offset everything that is kept is shown");
});

test("after ten minutes without a viewer the shell is hung up, and its session is unknown", async (t) => {
  const { view, clock } = await terminals(t);
  const first = await view();
  first.type("echo pid-$$-\n");
  await shown(first, "pid-");
  const pid = await eventually(() => {
    clock.advance(2);
    return Number(/pid-(\d+)-/.exec(first.reader.text())?.[1]) || undefined;
  });
  await first.cut();
  clock.advance(tenMinutes);
  await assert.rejects(view({ session: first.session }), { code: "SESSION_NOT_FOUND" });
  await eventually(() => !isRunning(pid), { what: "the end of the shell" });
});

test("a second window takes the shell over from the first, and the shell goes on", async (t) => {
  const { view } = await terminals(t);
  const first = await view();
  first.type("x=mine\n");
  const second = await view({ session: first.session });
  await eventually(() => first.reader.closedBy !== undefined);
  assert.deepEqual((first.reader.closedBy as { code: number }).code, resetCode.cancelled);
  second.type("echo it-is-$x\n");
  await shown(second, "it-is-mine");
  const third = await view({ session: first.session, offset: second.reader.length });
  third.type("echo still-$x\n");
  await shown(third, "still-mine");
});

test("a terminal is its owner's: to everybody else its session is unknown", async (t) => {
  const { view } = await terminals(t);
  const { session } = await view();
  for (const owner of ["other", "", "__proto__", "somebody "]) {
    await assert.rejects(view({ session, owner }), { code: owner === "" ? "INVALID_PARAMS" : "SESSION_NOT_FOUND" });
  }
  await assert.rejects(view({ session: "guessed" }), { code: "SESSION_NOT_FOUND" });
});

test("an offset beyond the end, or before what is kept, is brought to what there is", async (t) => {
  const { view } = await terminals(t);
  const first = await view();
  first.type("seq 1 100000; echo do''ne\n");
  await shown(first, "done");
  const end = first.reader.length;
  assert.ok(end > 500_000);
  await first.cut();
  const later = await view({ session: first.session, offset: Number.MAX_SAFE_INTEGER });
  assert.ok(later.offset >= end - 16 && later.offset <= end + 16, `${later.offset} of ${end}`);
  await later.cut();
  const oldest = await view({ session: first.session, offset: 0 });
  assert.ok(oldest.offset > 0 && end - oldest.offset <= 256 * 1024 + 64, "the last 256 KiB are kept");
  await shown(oldest, "done");
});

test("closing a terminal hangs its shell up, whichever way it is closed", async (t) => {
  const { view } = await terminals(t);
  for (const close of ["end", "reset"] as const) {
    const terminal = await view();
    if (close === "end") terminal.reader.channel.end();
    else terminal.reader.channel.reset(resetCode.cancelled, "closed");
    await eventually(async () => {
      const found = await view({ session: terminal.session }).catch((error: { code: string }) => error);
      return "code" in found && found.code === "SESSION_NOT_FOUND";
    });
  }
});

test("33 terminals are one too many", async (t) => {
  const { view } = await terminals(t);
  for (let count = 0; count < 32; count += 1) await view();
  await assert.rejects(view(), { code: "CHANNEL_LIMIT" });
});

test("what a terminal may not be asked for", async (t) => {
  const { view, policyFile } = await terminals(t);
  const invalid: readonly object[] = [
    { cols: 0 },
    { rows: 301 },
    { cols: 1.5 },
    { cols: "80" },
    { shell: "" },
    { shell: "x".repeat(1025) },
    { cwd: 7 },
    { env: { PATH: "/tmp" } },
    { env: { LD_PRELOAD: "/tmp/evil.so" } },
    { env: { PICKET_ADMIN_PASSWORD: "x" } },
    { env: { NODE_OPTIONS: "--require /tmp/evil.js" } },
    { env: { "a b": "c" } },
    { env: { A: "x".repeat(1025) } },
    { session: "s", offset: -1 },
    { owner: undefined },
  ];
  for (const params of invalid) await assert.rejects(view(params), { code: "INVALID_PARAMS" }, JSON.stringify(params));
  writeFileSync(policyFile, "version: 1\nshells: [/bin/bash]\n");
  await assert.rejects(view({ shell: "/bin/sh" }), { code: "FORBIDDEN_BY_POLICY" });
  const open = await view({ shell: "/bin/bash" });
  writeFileSync(policyFile, "version: 1\ncapabilities: [commands]\n");
  await assert.rejects(view({ shell: "/bin/bash" }), { code: "FORBIDDEN_BY_POLICY" });
  await assert.rejects(view({ session: open.session }), { code: "FORBIDDEN_BY_POLICY" }, "nor taken up again");
});
