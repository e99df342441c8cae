import type { AdministrationDesk } from "./administrationDesk.ts";
import { wireEntries } from "./wireEntries.ts";

/**
 * Puts a user into a group from now on, or takes the user out of it. The protocol knows only all memberships of a user at
 * once: the others are sent back as they came.
 *
 * @throws {PicketError} what the server refuses
 */
export async function changeMembership(
  desk: AdministrationDesk,
  { username, group, member }: { readonly username: string; readonly group: string; readonly member: boolean },
): Promise<void> {
  const info = await desk.request("get_user_info", { username });
  const known =
    info.memberships?.map(({ group_name, ...times }) => ({ name: group_name, ...times })) ??
    info.groups.map((name) => ({ name, start_time: 0, end_time: null }));
  const others = known.filter(({ name }) => name !== group);
  const wanted = member ? [...others, { name: group, start_time: 0, end_time: null }] : others;
  await desk.request("change_user_groups", { username, groups: wireEntries("group_name", wanted) });
}
