/** A locale that Intl takes: the language itself, or the undetermined one when its tag is none that Intl knows how to read. */
export function localeOf(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "und";
  } catch {
    return "und";
  }
}

/** The English name of a language; its tag when it has none. */
export function languageName(language: string): string {
  const locale = localeOf(language);
  if (locale === "und") return language;
  return new Intl.DisplayNames("en", { type: "language" }).of(locale) ?? language;
}
