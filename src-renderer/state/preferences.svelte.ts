import type { Language } from "../i18n/language.ts";
import { languages } from "../i18n/language.ts";
import type { TextStore } from "../platform/platform.ts";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
export const nodeViews = ["table", "grid"] as const;
export type NodeView = (typeof nodeViews)[number];
export const languageChoices = ["system", ...languages] as const;
export type LanguageChoice = "system" | Language;

/** What somebody likes, kept on the device. What is kept but not known any more reads as the default. */
export class Preferences {
  readonly #store: TextStore;
  #theme = $state<Theme>("system");
  #language = $state<LanguageChoice>("system");
  #nodeView = $state<NodeView>("table");

  constructor(store: TextStore) {
    this.#store = store;
    this.#theme = pick(themes, store.read("theme"));
    this.#language = pick(languageChoices, store.read("language"));
    this.#nodeView = pick(nodeViews, store.read("node-view"));
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.#store.write("theme", theme);
  }

  get language(): LanguageChoice {
    return this.#language;
  }

  set language(language: LanguageChoice) {
    this.#language = language;
    this.#store.write("language", language);
  }

  get nodeView(): NodeView {
    return this.#nodeView;
  }

  set nodeView(view: NodeView) {
    this.#nodeView = view;
    this.#store.write("node-view", view);
  }
}

function pick<T extends string>(known: readonly [T, ...T[]], kept: string | undefined): T {
  return known.find((one) => one === kept) ?? known[0];
}
