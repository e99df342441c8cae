import type { ActionName, DataInput, ResultOf } from "../../src-main/protocols/documents/messages.ts";

/** What the administration of documents needs of the server in front. The desk of documents is one. */
export interface AdministrationDesk {
  /** @throws {PicketError} with the server's own words as its message or details */
  request<A extends ActionName>(action: A, data: DataInput<A>): Promise<ResultOf<A>>;
  /** Who is signed in there. */
  readonly username: string;
  /** What that user may do there, by the server's word; empty until it is known. */
  readonly permissions: ReadonlySet<string>;
  /** Changes when other data has to be asked for: another server, or signed in anew. */
  readonly generation: number;
}

/** What rules, grants and blocks are about. The root has none. */
export interface AccessTarget {
  readonly kind: "directory" | "document";
  readonly id: string;
  readonly name: string;
}
