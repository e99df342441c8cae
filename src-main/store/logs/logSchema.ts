/**
 * Every step from an empty log file to this version's, in order; a step that was released is never changed. Lines
 * themselves are in parts, tables that are made and dropped as time goes: see `partTables`.
 */
export const logSchema: readonly (readonly string[])[] = [
  [
    // Lines with an id from `start` on belong to the part, up to the next part's start.
    `create table log_parts (
      part integer primary key,
      start integer not null,
      lines integer not null,
      bytes integer not null
    )`,
    `create table log_sources (
      node_key integer not null,
      source text not null,
      last_time integer not null,
      primary key (node_key, source)
    ) without rowid`,
    // Nodes whose lines are being deleted: a core that was stopped meanwhile goes on with it.
    "create table log_removals (node_key integer primary key)",
  ],
];

export interface PartTables {
  readonly lines: string;
  readonly text: string;
}

/** The names of a part's two tables. @param part a number of ours: it becomes part of the statement */
export function partTables(part: number): PartTables {
  return { lines: `lines_${part}`, text: `text_${part}` };
}

/**
 * The statements that make a part. The index keeps no copy of the text. It keeps the positions of words: what people look
 * for in logs (addresses, paths, ids) is several words in a row.
 */
export function createPart(part: number): readonly string[] {
  const { lines, text } = partTables(part);
  return [
    `create table ${lines} (
      id integer primary key,
      node_key integer not null,
      time integer not null,
      level integer not null,
      source text not null,
      message text not null
    )`,
    `create virtual table ${text} using fts5(
      message, tags, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
    )`,
  ];
}
