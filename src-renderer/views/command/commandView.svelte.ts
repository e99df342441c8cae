import type { Clock } from "../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../src-main/base/disposable.ts";
import type { PicketError } from "../../../src-main/base/errors.ts";
import type { Command } from "../../../src-main/protocols/machines/messages/commands.ts";
import type { CommandFeed } from "../../state/commandFeed.ts";
import type { Link } from "../../state/link.svelte.ts";
import { Query } from "../../state/query.svelte.ts";
import { isOpen } from "./commandStatus.ts";
import { LiveOutput } from "./liveOutput.svelte.ts";
import { StoredOutput } from "./storedOutput.svelte.ts";

export interface CommandViewOptions {
  readonly link: Link;
  readonly commandFeed: CommandFeed;
  readonly clock: Clock;
  readonly commandId: string;
  /** Whether the user may read along while it runs. */
  readonly readAlong: () => boolean;
}

/** One command with what it prints: live while it runs, then what was stored. */
export class CommandView implements Disposable {
  readonly stdout: StoredOutput;
  readonly stderr: StoredOutput;
  readonly #options: CommandViewOptions;
  readonly #query: Query<Command>;
  readonly #owned = new DisposableStore();
  #live = $state.raw<LiveOutput | undefined>();

  constructor(options: CommandViewOptions) {
    const { link, commandFeed, commandId } = options;
    this.#options = options;
    this.stdout = new StoredOutput(link, commandId, "stdout");
    this.stderr = new StoredOutput(link, commandId, "stderr");
    this.#query = this.#owned.add(
      new Query(link, async (client) => {
        const { command } = await client.request("command-get", { commandId });
        this.#follow(command);
        return command;
      }),
    );
    this.#owned.add(
      commandFeed.onChange((command) => {
        if (command.commandId !== commandId) return;
        this.#query.set(command);
        this.#follow(command);
      }),
    );
    this.#owned.add({ dispose: () => this.#live?.dispose() });
  }

  get command(): Command | undefined {
    return this.#query.data;
  }

  get error(): PicketError | undefined {
    return this.#query.error;
  }

  /** What it prints at the moment, and what it had printed until what is stored is here. */
  get live(): LiveOutput | undefined {
    return this.#live;
  }

  /** Whether everything that was stored has begun to be here. */
  get isStored(): boolean {
    return this.stdout.left !== undefined && this.stderr.left !== undefined;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #follow(command: Command): void {
    const { link, clock, readAlong } = this.#options;
    const { commandId, nodeId, status } = command;
    if (status === "started" && this.#live === undefined && readAlong() && !this.#owned.disposed) {
      this.#live = new LiveOutput({ link, clock, nodeId, commandId });
    }
    if (isOpen(status)) return;
    if (this.stdout.left === undefined) void this.stdout.more();
    if (this.stderr.left === undefined) void this.stderr.more();
  }
}
