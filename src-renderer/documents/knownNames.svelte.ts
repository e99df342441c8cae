import type { AdministrationDesk } from "./administrationDesk.ts";
import { permissionAreas } from "./permissionAreas.ts";

/** Names to choose from: as many as the account may see. What is missing can be typed. */
export class KnownNames {
  readonly #desk: AdministrationDesk;
  readonly rights: readonly string[] = Object.values(permissionAreas).flat();
  #groups = $state.raw<ReadonlyMap<string, string>>(new Map());
  #users = $state.raw<readonly string[]>([]);

  constructor(desk: AdministrationDesk) {
    this.#desk = desk;
  }

  get groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  get users(): readonly string[] {
    return this.#users;
  }

  /** What people call a group. */
  groupTitle(name: string): string {
    return this.#groups.get(name) ?? name;
  }

  /** Never fails: whoever may not see a list types the names. */
  async load(): Promise<void> {
    const { permissions } = this.#desk;
    await Promise.allSettled([
      permissions.has("list_groups") ? this.#loadGroups() : undefined,
      permissions.has("list_users") ? this.#loadUsers() : undefined,
    ]);
  }

  async #loadGroups(): Promise<void> {
    const { groups } = await this.#desk.request("list_groups", {});
    this.#groups = new Map(groups.map(({ name, display_name }) => [name, display_name || name]));
  }

  async #loadUsers(): Promise<void> {
    const { users } = await this.#desk.request("list_users", {});
    this.#users = users.map(({ username }) => username).sort();
  }
}
