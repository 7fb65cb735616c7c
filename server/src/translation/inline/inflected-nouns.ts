/**
 * An English noun in the forms of another: one or many, with a capital or without.
 * @param forms of the other: one, and many where it has them
 * @returns the noun by the form of the other
 */
export function inflectedAs([one = "", many]: readonly string[], noun: string): Record<string, string> {
  const forms =
    many === undefined
      ? [[one, noun]]
      : [
          [one, noun],
          [many, pluralOf(noun)],
        ];
  return Object.fromEntries([...forms, ...forms.map((form) => form.map(capitalized))]);
}

function pluralOf(noun: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(noun)) return `${noun}es`;
  return noun
    .replace(/([^aeiou])y$/, "$1ie")
    .replace(/man$/, "men")
    .replace(/(?<!men)$/, "s");
}

export function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
