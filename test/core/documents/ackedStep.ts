/** What `ackedDocuments.ts` says of what it does. */
export type AckedStep =
  /** From `begin` on `key` may have this value, from `done` on it must, until the next one begins. */
  | { readonly phase: "begin" | "done"; readonly key: string; readonly value: string }
  /** An upload that was left in the middle: so many bytes of `someBytes(size, seed)`. */
  | {
      readonly phase: "kept";
      readonly documentId: string;
      readonly taskId: string;
      readonly held: number;
      readonly size: number;
      readonly seed: number;
    };
