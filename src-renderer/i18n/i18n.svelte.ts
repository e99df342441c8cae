import type { Catalogue } from "./catalogue.ts";
import { en } from "./en.ts";
import { Formats } from "./formats.ts";
import { type Language, languageOf } from "./language.ts";
import { zh } from "./zh.ts";

const catalogues: Readonly<Record<Language, Catalogue>> = { en, zh };

/** The texts and the formats of the language in force. Reading them in markup follows a change of language. */
export class I18n {
  readonly #wanted: () => Language | "system";
  readonly #systemLanguages: readonly string[];

  /** @param wanted what the user chose, read anew whenever it may have changed */
  constructor(wanted: () => Language | "system", systemLanguages: readonly string[]) {
    this.#wanted = wanted;
    this.#systemLanguages = systemLanguages;
  }

  readonly language: Language = $derived.by(() => languageOf(this.#wanted(), this.#systemLanguages));
  readonly t: Catalogue = $derived.by(() => catalogues[this.language]);
  readonly format: Formats = $derived.by(() => new Formats(this.language));
}
