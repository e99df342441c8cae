import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { KeyedTurns } from "../../base/keyedTurns.ts";
import type { Database } from "../../store/database.ts";

export interface LockdownState {
  readonly active: boolean;
  /** A user name; undefined when nobody switched it since the start. */
  readonly by: string | undefined;
  /** Whether it outlives a restart. */
  readonly persisted: boolean;
}

export interface LockdownOptions {
  readonly database: Database;
  /** Ends all transfers that wait for their begin. */
  readonly endTasks: () => Promise<void>;
}

const settingName = "documents-lockdown";

/** The switch that closes the documents to everybody who may not pass it. It is off at start, unless it was to stay. */
export class Lockdown {
  readonly #options: LockdownOptions;
  readonly #changed = new Emitter<LockdownState>();
  readonly #turns = new KeyedTurns();
  #state: LockdownState;

  private constructor(options: LockdownOptions, state: LockdownState) {
    this.#options = options;
    this.#state = state;
  }

  static async open(options: LockdownOptions): Promise<Lockdown> {
    const setting = await options.database.kysely
      .selectFrom("settings")
      .select("value_json")
      .where("name", "=", settingName)
      .executeTakeFirst();
    if (setting === undefined) return new Lockdown(options, { active: false, by: undefined, persisted: false });
    const { by } = JSON.parse(setting.value_json) as { readonly by?: string };
    return new Lockdown(options, { active: true, by, persisted: true });
  }

  get active(): boolean {
    return this.#state.active;
  }

  get state(): LockdownState {
    return this.#state;
  }

  /**
   * On or off: transfers that have not begun end in both cases. With `persist`, a lockdown outlives a restart.
   *
   * @throws {PicketError} `DATABASE_ERROR`; it is then as it was before
   */
  set(active: boolean, by: string, options: { readonly persist?: boolean | undefined } = {}): Promise<void> {
    const next: LockdownState = { active, by, persisted: active && options.persist === true };
    return this.#turns.run("lockdown", async () => {
      const before = this.#state;
      // Closed at once, opened last: nothing may begin in between.
      if (active) this.#state = next;
      try {
        await this.#options.endTasks();
        await this.#persist(next);
      } catch (error) {
        this.#state = before;
        throw error;
      }
      this.#state = next;
      this.#changed.emit(next);
    });
  }

  /** Told at every `set`, also one that changes nothing. */
  onChanged(listener: (state: LockdownState) => void): Disposable {
    return this.#changed.subscribe(listener);
  }

  async #persist({ persisted, by }: LockdownState): Promise<void> {
    const { kysely } = this.#options.database;
    const setting = { name: settingName, value_json: JSON.stringify({ by }) };
    await this.#options.database.transact([
      kysely.deleteFrom("settings").where("name", "=", settingName),
      ...(persisted ? [kysely.insertInto("settings").values(setting)] : []),
    ]);
  }
}
