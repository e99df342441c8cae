export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

/** The tag that `Intl` and the page's `lang` understand. */
export const languageTags: Readonly<Record<Language, string>> = { en: "en-GB", zh: "zh-CN" };

/** What each calls itself: whoever cannot read the console finds the way out. */
export const languageNames: Readonly<Record<Language, string>> = { en: "English", zh: "简体中文" };

/** The language to speak: the chosen one, or the first of the system's that there is, or English. */
export function languageOf(wanted: Language | "system", system: readonly string[]): Language {
  if (wanted !== "system") return wanted;
  for (const tag of system) {
    const known = languages.find((language) => tag.toLowerCase().split("-")[0] === language);
    if (known !== undefined) return known;
  }
  return "en";
}
