/** BCP 47. */
export interface Languages {
  readonly source: string;
  readonly target: string;
}

/** The language of a BCP 47 tag, without script and region: en of en-GB. */
export function primaryLanguage(tag: string): string {
  return tag.split("-")[0]!.toLowerCase();
}

/** Languages agree when their primary subtags do: a model of ja serves ja-JP. */
export function sameLanguage(a: string, b: string): boolean {
  return primaryLanguage(a) === primaryLanguage(b);
}

/** Whether a language has spaces between words and sentences. @param tag BCP 47 */
export function isSpaced(tag: string): boolean {
  return !/^(?:ja|zh|th)\b/i.test(tag);
}

const SCRIPTS_WITH_CASE = new Set(["Latn", "Cyrl", "Grek", "Armn"]);

/** Whether a language is written with capitals and small letters. @param tag BCP 47 */
export function hasCase(tag: string): boolean {
  return SCRIPTS_WITH_CASE.has(new Intl.Locale(tag).maximize().script ?? "");
}

/** What follows from a language alone, made when it is first wanted. Languages are those of models, and so few. */
export function byLanguage<T>(make: (language: string) => T): (language: string) => T {
  const made = new Map<string, T>();
  return (language) => {
    if (!made.has(language)) made.set(language, make(language));
    return made.get(language)!;
  };
}
