import type { Disposable } from "../../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../../src-main/base/errors.ts";
import type { AlertRuleDraft } from "../../../../src-main/protocols/machines/messages/alerts.ts";
import type { ResultOf } from "../../../../src-main/protocols/machines/messages.ts";
import type { Link } from "../../../state/link.svelte.ts";

export type PreviewResult = ResultOf<"alert-rule-preview">;

/** What a rule would have done in the past, asked of the core before it is saved. */
export class RulePreview implements Disposable {
  readonly #link: Link;
  #generation = 0;
  #result = $state.raw<PreviewResult | undefined>();
  /** The rule that the result is about, as it was. */
  #of = $state.raw<string | undefined>();
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(link: Link) {
    this.#link = link;
  }

  get result(): PreviewResult | undefined {
    return this.#result;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** Whether the result is about another rule than this one is now. */
  isStale(draft: AlertRuleDraft | undefined): boolean {
    return this.#result !== undefined && this.#of !== what(draft);
  }

  async run(draft: AlertRuleDraft): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#busy = true;
    this.#error = undefined;
    try {
      const result = await this.#link.request("alert-rule-preview", { rule: draft });
      if (generation !== this.#generation) return;
      this.#result = result;
      this.#of = what(draft);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#error = toPicketError(error);
    }
    this.#busy = false;
  }

  /** Nobody waits for the answer any more. */
  stop(): void {
    if (!this.#busy) return;
    this.#generation += 1;
    this.#busy = false;
    this.#link.request("alert-rule-preview-cancel", {}).catch(() => {});
  }

  dispose(): void {
    this.stop();
  }
}

/** What of a rule decides when it fires. */
function what(draft: AlertRuleDraft | undefined): string | undefined {
  return draft && JSON.stringify([draft.condition, draft.scope, draft.for]);
}
