import type { en } from "./en.ts";

type Shape<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...values: infer A) => string
      ? (...values: A) => string
      : Shape<T[K]>;
};

/** What every language has to say. English is the source: a text that another language lacks does not compile. */
export type Catalogue = Shape<typeof en>;
