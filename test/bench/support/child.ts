import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { keepUntilExit } from "./cleanUp.ts";

/** What a child process can be asked for, by name. Each takes one value and answers with one. */
export type Calls = Readonly<Record<string, (params: never) => unknown>>;

interface Request {
  readonly id: number;
  readonly name: string;
  readonly params: unknown;
}

type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface ChildOptions {
  /** Arguments of Node itself. */
  readonly execArgv?: readonly string[];
}

/** A helper of the bench in a process of its own: what is a process in real life must not share a core with another. */
export class Child<C extends Calls> {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on("message", (answer: Answer) => this.#onAnswer(answer));
    process.on("exit", (code, signal) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`a child ended (${code ?? signal})`));
      this.#pending.clear();
    });
  }

  /** @param file relative to `from`, the caller's `import.meta.url` */
  static start<C extends Calls>(from: string, file: string, options: ChildOptions = {}): Child<C> {
    const path = fileURLToPath(new URL(file, from));
    const child = fork(path, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
    });
    keepUntilExit(child);
    return new Child<C>(child);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** @throws {Error} with the child's own message */
  call<N extends keyof C & string>(name: N, params: Parameters<C[N]>[0]): Promise<Awaited<ReturnType<C[N]>>> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      // The child serves the same table that `C` is the type of.
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      const request: Request = { id, name, params };
      this.#process.send(request);
    });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }

  #onAnswer(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("error" in answer) pending?.reject(new Error(answer.error));
    else pending?.resolve(answer.value);
  }
}

/** The child's half: serves the calls until the parent goes. */
export function serveCalls(calls: Calls): void {
  process.on("message", ({ id, name, params }: Request) => {
    void answer(calls, name, params).then((result) => process.send?.({ id, ...result }));
  });
  process.on("disconnect", () => process.exit());
}

async function answer(
  calls: Calls,
  name: string,
  params: unknown,
): Promise<{ readonly value: unknown } | { readonly error: string }> {
  try {
    return { value: await calls[name]?.(params as never) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
