import { type RawBuilder, sql } from "kysely";

/** The ids of an entry and of everything in it that is not in the bin, as `(select …)`. */
export function liveSubtree(id: string): RawBuilder<string> {
  return sql<string>`(
    with recursive inside (id) as (
      select id from tree_entries where id = ${id} and trashed_at is null
      union
      select child.id from tree_entries as child join inside on child.parent_id = inside.id where child.trashed_at is null
    )
    select id from inside
  )`;
}
