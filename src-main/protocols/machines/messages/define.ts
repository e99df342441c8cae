import * as z from "zod/mini";

/** What a request carries and what its answer carries. Declared once; both halves and the documentation use it. */
export interface RequestDefinition<P extends z.ZodMiniType = z.ZodMiniType, R extends z.ZodMiniType = z.ZodMiniType> {
  readonly params: P;
  readonly result: R;
}

export function request<P extends z.ZodMiniType, R extends z.ZodMiniType>(
  params: P,
  result: R,
): RequestDefinition<P, R> {
  return { params, result };
}

export const text = (longest: number) => z.string().check(z.maxLength(longest));
export const name = (longest: number) => z.string().check(z.minLength(1), z.maxLength(longest));
export const whole = (least: number, most: number) => z.number().check(z.int(), z.gte(least), z.lte(most));
/** Milliseconds since 1970. */
export const time = z.number();
export const nodeId = name(128);
/** What an answer has when there is nothing to say but that it was done. */
export const done = z.object({});
