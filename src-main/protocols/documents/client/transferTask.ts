import { DocumentsRefusal } from "./documentsRefusal.ts";

/** The task of one transfer: asked for once, and again when the server says that it is over. */
export class TransferTask {
  readonly #source: string | (() => Promise<string>);
  #id: string | undefined;

  constructor(source: string | (() => Promise<string>)) {
    this.#source = source;
  }

  /** Runs `use` with the task's id. @throws whatever `use` throws, when no fresh task helps */
  async run<T>(use: (taskId: string) => Promise<T>): Promise<T> {
    const wasThere = this.#id !== undefined;
    this.#id ??= typeof this.#source === "string" ? this.#source : await this.#source();
    try {
      return await use(this.#id);
    } catch (thrown) {
      if (!wasThere || typeof this.#source === "string" || !isTaskRefusal(thrown)) throw thrown;
    }
    this.#id = await this.#source();
    return await use(this.#id);
  }
}

/** 404, or a 400 that names no field: all that servers have to say of a task. */
function isTaskRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof DocumentsRefusal)) return false;
  return thrown.status === 404 || (thrown.status === 400 && /^Task is /.test(thrown.message));
}
