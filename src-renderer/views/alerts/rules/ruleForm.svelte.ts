import { type PicketError, toPicketError } from "../../../../src-main/base/errors.ts";
import type { AlertRule, AlertRuleDraft } from "../../../../src-main/protocols/machines/messages/alerts.ts";
import type { Link } from "../../../state/link.svelte.ts";
import { type RuleFaults, ruleDraftOf } from "./ruleDraft.ts";
import { newRuleFields, type RuleFields, ruleFieldsOf } from "./ruleFields.ts";

/** The form that makes a rule, or changes one. */
export class RuleForm {
  readonly #link: Link;
  /** Undefined: a new one. */
  readonly ruleId: string | undefined;
  readonly fields: RuleFields;
  #tried = $state(false);
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();

  /** @param timeZone where the user is */
  constructor(link: Link, rule: AlertRule | undefined, timeZone: string) {
    this.#link = link;
    this.ruleId = rule?.ruleId;
    this.fields = $state(rule === undefined ? newRuleFields(timeZone) : ruleFieldsOf(rule, timeZone));
  }

  readonly #read = $derived.by(() => ruleDraftOf(this.fields));
  /** The rule as far as it is written; undefined while something is missing. Its name does not count. */
  readonly draft: AlertRuleDraft | undefined = $derived.by(() => {
    if (this.#read.ok) return this.#read.value;
    const named = ruleDraftOf({ ...this.fields, name: "–" });
    return named.ok ? { ...named.value, name: "–" } : undefined;
  });
  /** What is missing: nothing, until somebody tried to go on without it. */
  readonly faults: RuleFaults = $derived.by(() => (this.#tried && !this.#read.ok ? this.#read.error : {}));

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** From now on what is missing is said. Returns whether nothing is. */
  check(): boolean {
    this.#tried = true;
    return this.#read.ok;
  }

  /** Returns the rule as the core stored it; undefined when it was not. */
  async submit(): Promise<AlertRule | undefined> {
    if (this.#busy || !this.check() || !this.#read.ok) return undefined;
    this.#busy = true;
    this.#error = undefined;
    try {
      const { rule } = await this.#link.request("alert-rule-save", {
        rule: this.#read.value,
        ...(this.ruleId === undefined ? {} : { ruleId: this.ruleId }),
      });
      return rule;
    } catch (error) {
      this.#error = toPicketError(error);
      return undefined;
    } finally {
      this.#busy = false;
    }
  }
}
