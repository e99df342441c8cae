import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import { type AccessType, accessTypes, emptyCondition, emptyRule } from "./accessRule.ts";
import type { AccessTarget, AdministrationDesk } from "./administrationDesk.ts";
import {
  changedRules,
  draftsOf,
  noDrafts,
  type RuleDraft,
  type RuleDrafts,
  type WireRules,
  wireOfDraft,
} from "./ruleDraft.ts";

/** Why rules were not saved. `locked-out`: with them, whoever saves could not do what they are about any more. */
export type SaveFault = "locked-out" | PicketError;

/** The rules of one document or folder, as they are and as they are being changed. */
export class RuleBook {
  readonly #desk: AdministrationDesk;
  readonly #target: AccessTarget;
  #rules = $state.raw<WireRules | undefined>();
  #drafts = $state.raw<RuleDrafts>(noDrafts);
  #error = $state.raw<PicketError | undefined>();
  #saveFault = $state.raw<SaveFault | undefined>();
  #saving = $state(false);
  #nextKey = 0;

  constructor(desk: AdministrationDesk, target: AccessTarget) {
    this.#desk = desk;
    this.#target = target;
  }

  /** The rules are known. */
  get loaded(): boolean {
    return this.#rules !== undefined;
  }

  get drafts(): RuleDrafts {
    return this.#drafts;
  }

  /** Why the rules are not known. */
  get error(): PicketError | undefined {
    return this.#error;
  }

  get saveFault(): SaveFault | undefined {
    return this.#saveFault;
  }

  get saving(): boolean {
    return this.#saving;
  }

  /** What saving would send. */
  get changes(): WireRules {
    return this.#rules === undefined ? {} : changedRules(this.#rules, this.#drafts);
  }

  get isChanged(): boolean {
    return this.hasFault || Object.keys(this.changes).length > 0;
  }

  /** Some JSON is none. */
  get hasFault(): boolean {
    return accessTypes.some((type) => this.#drafts[type].some((draft) => wireOfDraft(draft) === undefined));
  }

  async load(): Promise<void> {
    try {
      this.#show(await this.#read());
      this.#error = undefined;
    } catch (thrown) {
      this.#error = toPicketError(thrown);
    }
  }

  /** @returns the draft that was added */
  add(type: AccessType): RuleDraft {
    const draft: RuleDraft = { key: this.#nextKey, kind: "form", rule: { ...emptyRule, conditions: [emptyCondition] } };
    this.#nextKey += 1;
    this.#set(type, [...this.#drafts[type], draft]);
    return draft;
  }

  replace(type: AccessType, draft: RuleDraft): void {
    this.#set(
      type,
      this.#drafts[type].map((one) => (one.key === draft.key ? draft : one)),
    );
  }

  remove(type: AccessType, key: number): void {
    this.#set(
      type,
      this.#drafts[type].filter((one) => one.key !== key),
    );
  }

  /** Back to what the server has. */
  discard(): void {
    if (this.#rules !== undefined) this.#show(this.#rules);
  }

  /** Returns whether it is done. */
  async save(): Promise<boolean> {
    const { changes } = this;
    if (this.#saving || this.hasFault || Object.keys(changes).length === 0) return false;
    this.#saving = true;
    this.#saveFault = undefined;
    try {
      await this.#write(changes);
      this.#show(await this.#read());
      return true;
    } catch (thrown) {
      this.#saveFault = saveFaultOf(toPicketError(thrown));
      return false;
    } finally {
      this.#saving = false;
    }
  }

  #set(type: AccessType, drafts: readonly RuleDraft[]): void {
    this.#drafts = { ...this.#drafts, [type]: drafts };
  }

  #show(rules: WireRules): void {
    this.#rules = rules;
    this.#drafts = draftsOf(rules, this.#nextKey);
    this.#nextKey += accessTypes.reduce((sum, type) => sum + this.#drafts[type].length, 0);
    this.#saveFault = undefined;
  }

  #read(): Promise<WireRules> {
    const { kind, id } = this.#target;
    return kind === "document"
      ? this.#desk.request("get_document_access_rules", { document_id: id })
      : this.#desk.request("get_directory_access_rules", { directory_id: id });
  }

  async #write(rules: WireRules): Promise<void> {
    const { kind, id } = this.#target;
    const access_rules = Object.fromEntries(Object.entries(rules).map(([type, list]) => [type, [...list]]));
    if (kind === "document") await this.#desk.request("set_document_rules", { document_id: id, access_rules });
    else await this.#desk.request("set_directory_rules", { directory_id: id, access_rules });
  }
}

/** The server says so in words only: the right to set rules at all is refused in others. */
function saveFaultOf(error: PicketError): SaveFault {
  const said = `${error.message} ${error.details ?? ""}`;
  return error.code === "FORBIDDEN" && /set access rules failed/i.test(said) ? "locked-out" : error;
}
