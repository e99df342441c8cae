import * as z from "zod/mini";

/** What an action carries and what its success brings. Declared once: both halves and the documentation use it. */
export interface ActionDefinition<D extends z.ZodMiniType = z.ZodMiniType, R extends z.ZodMiniType = z.ZodMiniType> {
  readonly data: D;
  readonly result: R;
  /** Other spellings of members of `data`, by the name that stands in the schema: `{ folder_id: "directory_id" }`. */
  readonly aliases: Readonly<Record<string, string>>;
}

/**
 * One action. `data` is what a request must carry under its canonical names; `aliases` names the other spellings that
 * peers use for them. `result` is the data of a 200: it tolerates members that it does not name.
 */
export function action<D extends z.ZodMiniType, R extends z.ZodMiniType>(definition: {
  readonly data: D;
  readonly result: R;
  readonly aliases?: Readonly<Record<string, string>>;
}): ActionDefinition<D, R> {
  return { aliases: {}, ...definition };
}

export const text = (longest: number) => z.string().check(z.maxLength(longest));
export const name = (longest: number) => z.string().check(z.minLength(1), z.maxLength(longest));
export const whole = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most));
/** Seconds since 1970, with fractions: how this wire writes every time. */
export const time = z.number();
/** A time as a request says it: not before 1970, and not so late that milliseconds lose their exactness. */
export const requestTime = z.number().check(z.gte(0), z.lte(8_640_000_000_000));
/** When something ends: null and absent are never. */
export const endTime = z._default(z.nullable(requestTime), null);
/** The id of a document, folder, revision or task: 64 hex digits here, anything short elsewhere. */
export const id = name(128);
export const username = name(128);
export const groupName = name(128);
/** What an action takes that needs nothing. */
export const nothing = z.strictObject({});
/** What an answer has when there is nothing to say but that it was done. */
export const done = z.object({});

const rootNames: readonly (string | null)[] = ["", "root", "/"];
/** A folder, or null for the root, which other peers also call `""`, `"root"` and `"/"`. */
export const folderOrRoot = z.pipe(
  z.nullable(text(128)),
  z.transform((folder) => (rootNames.includes(folder) ? null : folder)),
);
/** The same where leaving it out means the root, too. */
export const optionalFolderOrRoot = z.pipe(
  z._default(z.nullable(text(128)), null),
  z.transform((folder) => (rootNames.includes(folder) ? null : folder)),
);

/** A right or a membership with the time in which it holds. */
export interface TimedEntry {
  readonly name: string;
  /** Seconds since 1970; 0 is at once. */
  readonly start_time: number;
  /** Null: never. */
  readonly end_time: number | null;
}

/** Names with the times in which they hold, under `member`; a bare name holds from now on and for ever. */
export const timedEntries = <M extends string>(member: M) =>
  z
    .array(
      z.union([
        z.pipe(
          name(64),
          z.transform((entry): TimedEntry => ({ name: entry, start_time: 0, end_time: null })),
        ),
        z.pipe(
          z.strictObject({
            [member]: name(64),
            start_time: z._default(z.nullable(requestTime), 0),
            end_time: endTime,
          }),
          z.transform((entry): TimedEntry => {
            const { start_time, end_time } = entry as { start_time: number | null; end_time: number | null };
            return {
              name: (entry as Record<string, unknown>)[member] as string,
              start_time: start_time ?? 0,
              end_time,
            };
          }),
        ),
      ]),
    )
    .check(z.maxLength(1_000));

/** A file task as answers name it. */
export const taskData = z.object({ task_id: id, start_time: time, end_time: time });
