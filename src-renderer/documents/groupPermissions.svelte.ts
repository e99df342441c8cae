import { isKnownPermission } from "./permissionAreas.ts";
import type { TimedEntry } from "./timedNames.svelte.ts";

interface TimedPermission {
  readonly permission: string;
  readonly start_time: number;
  readonly end_time: number | null;
}

/** What a group may do, while boxes are ticked. One that is ticked again gets back the times that it had. */
export class GroupPermissions {
  readonly #first: ReadonlyMap<string, TimedEntry>;
  /** Those that this console does not know: a server may have its own. */
  readonly unknown: readonly string[];
  #chosen = $state.raw<ReadonlySet<string>>(new Set());

  /** @param times undefined: the server says names only */
  constructor(names: readonly string[], times: readonly TimedPermission[] | undefined) {
    const entries =
      times?.map(({ permission, ...rest }) => ({ name: permission, ...rest })) ?? names.map((name) => always(name));
    this.#first = new Map(entries.map((entry) => [entry.name, entry]));
    this.unknown = [...this.#first.keys()].filter((name) => !isKnownPermission(name)).sort();
    this.#chosen = new Set(this.#first.keys());
  }

  /** As they are sent. */
  get entries(): readonly TimedEntry[] {
    return [...this.#chosen].map((name) => this.#first.get(name) ?? always(name));
  }

  has(permission: string): boolean {
    return this.#chosen.has(permission);
  }

  timesOf(permission: string): TimedEntry | undefined {
    return this.#first.get(permission);
  }

  set(permission: string, wanted: boolean): void {
    const chosen = new Set(this.#chosen);
    if (wanted) chosen.add(permission);
    else chosen.delete(permission);
    this.#chosen = chosen;
  }
}

function always(name: string): TimedEntry {
  return { name, start_time: 0, end_time: null };
}
