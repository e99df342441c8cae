import type { DocumentsGroup } from "../../src-main/protocols/documents/messages/groups.ts";
import type { DocumentsUser } from "../../src-main/protocols/documents/messages/users.ts";
import type { AdministrationDesk } from "./administrationDesk.ts";
import { DeskQuery } from "./deskQuery.svelte.ts";

/** The users and groups of a documents server, as far as the account may see them. */
export class PeopleBook {
  readonly #desk: AdministrationDesk;
  readonly users: DeskQuery<readonly DocumentsUser[]>;
  readonly groups: DeskQuery<readonly DocumentsGroup[]>;

  constructor(desk: AdministrationDesk) {
    this.#desk = desk;
    this.users = new DeskQuery(async () => {
      const { users } = await desk.request("list_users", {});
      return users.toSorted((one, other) => byName(one.username, other.username));
    });
    this.groups = new DeskQuery(async () => {
      const { groups } = await desk.request("list_groups", {});
      return groups.toSorted((one, other) => byName(one.name, other.name));
    });
  }

  get usernames(): readonly string[] {
    return this.users.data?.map(({ username }) => username) ?? [];
  }

  get groupNames(): readonly string[] {
    return this.groups.data?.map(({ name }) => name) ?? [];
  }

  /** What people call a group. */
  groupTitle(name: string): string {
    return this.groups.data?.find((group) => group.name === name)?.display_name || name;
  }

  /** What the account may not see is not asked for. */
  async reload(): Promise<void> {
    const { permissions } = this.#desk;
    await Promise.all([
      permissions.has("list_users") ? this.users.reload() : undefined,
      permissions.has("list_groups") ? this.groups.reload() : undefined,
    ]);
  }
}

/** Numbers in names count as numbers. */
function byName(one: string, other: string): number {
  return one.localeCompare(other, undefined, { numeric: true });
}
