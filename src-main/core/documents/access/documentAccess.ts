import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { DocumentUser } from "../../identity/documentTokens.ts";
import type { EffectiveRights, Permissions } from "../../identity/permissions.ts";
import type { AccessType } from "../accessType.ts";
import type { AccessDecision } from "./accessDecision.ts";
import type { AccessFacts } from "./accessFacts.ts";
import { decide } from "./decide.ts";

/** What is decided about one user. */
export interface UserAccess {
  readonly userId: string;
  readonly username: string;
  readonly decision: AccessDecision;
}

export interface DocumentAccessOptions {
  readonly database: Database;
  readonly facts: AccessFacts;
  readonly permissions: Permissions;
}

/** Decides who may do what with folders and documents, and says why. Nobody is exempt, no administrator either. */
export class DocumentAccess {
  readonly #options: DocumentAccessOptions;

  constructor(options: DocumentAccessOptions) {
    this.#options = options;
  }

  /**
   * May this user do this with this entry, also when it is in the bin? Undefined is the root: it has no rules, only a block
   * that holds everywhere counts there.
   *
   * @throws {PicketError} `DOCUMENT_NOT_FOUND` where there is no such entry
   */
  async check(user: DocumentUser, type: AccessType, id: string | undefined): Promise<AccessDecision> {
    const { chains, blocks, grants } = await this.#options.facts.of(id === undefined ? [] : [id], user);
    const chain = id === undefined ? [] : chains.get(id);
    if (chain === undefined) throw new PicketError("DOCUMENT_NOT_FOUND");
    return decide({ chain, blocks, grants, rights: user.rights }, type);
  }

  /** Many entries in one trip, by id; those that there are none of are left out. */
  async checkMany(
    user: DocumentUser,
    type: AccessType,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, AccessDecision>> {
    const { chains, blocks, grants } = await this.#options.facts.of(ids, user);
    const { rights } = user;
    return new Map([...chains].map(([id, chain]) => [id, decide({ chain, blocks, grants, rights }, type)]));
  }

  /**
   * What `check` would say to every user there is, by user name. As many reads for ten users as for ten thousand.
   *
   * @throws {PicketError} `DOCUMENT_NOT_FOUND`
   */
  async whoCan(type: AccessType, id: string): Promise<readonly UserAccess[]> {
    const { database, facts, permissions } = this.#options;
    const [users, rightsOf, { chains, blocks, grants }] = await Promise.all([
      database.kysely.selectFrom("users").select(["id", "username"]).orderBy("username").execute(),
      permissions.ofAll(),
      facts.of([id], undefined),
    ]);
    const chain = chains.get(id);
    if (chain === undefined) throw new PicketError("DOCUMENT_NOT_FOUND");
    const blocksOf = Map.groupBy(blocks, ({ userId }) => userId);
    return users.map(({ id: userId, username }) => {
      const rights = rightsOf.get(userId) ?? noRights;
      const own = grants.filter((grant) => grant.userId === userId || isHeld(grant.group, rights));
      const subject = { chain, blocks: blocksOf.get(userId) ?? [], grants: own, rights };
      return { userId, username, decision: decide(subject, type) };
    });
  }
}

const noRights: EffectiveRights = { permissions: new Set(), groups: new Set() };

function isHeld(group: string | undefined, { groups }: EffectiveRights): boolean {
  return group !== undefined && groups.has(group);
}
