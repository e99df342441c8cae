// Somebody at a console who runs one command after the other and waits for each result.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { serveCalls } from "../support/child.ts";
import { type ConsoleAddress, connectConsole } from "../support/consoleClient.ts";

interface Run extends ConsoleAddress {
  readonly nodeId: string;
  readonly count: number;
}

const run = promisify(execFile);
const limit = 20_000;

const calls = {
  /** Milliseconds from each request to the push that says that the command has ended. */
  async overPicket({ nodeId, count, ...address }: Run): Promise<readonly number[]> {
    const client = await connectConsole(address);
    const ended = new Map<string, string>();
    let look = (): void => {};
    client.onPush("command-changed", ({ command }) => {
      if (command.finishedAt !== null) ended.set(command.commandId, command.status);
      look();
    });
    await client.subscribe({ topic: "commands" });
    const times: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const startedAt = performance.now();
      const { commands } = await client.request("command-run", { nodeIds: [nodeId], command: "true" });
      const id = commands[0]?.commandId ?? "";
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("a command did not end")), limit);
        look = () => {
          if (!ended.has(id)) return;
          clearTimeout(timer);
          resolve();
        };
        look();
      });
      times.push(performance.now() - startedAt);
      if (ended.get(id) !== "succeeded") throw new Error(`a command ended as ${ended.get(id)}`);
    }
    client.close();
    return times;
  },

  /** The same command, started right here. */
  async bare(count: number): Promise<readonly number[]> {
    const times: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const startedAt = performance.now();
      await run("/bin/sh", ["-c", "true"]);
      times.push(performance.now() - startedAt);
    }
    return times;
  },
};

export type Commander = typeof calls;

serveCalls(calls);
