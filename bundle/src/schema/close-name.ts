import { editDistance } from "./edit-distance.js";

/** The name that was probably meant: the same but for case, _ and -, and one letter in four. */
export function closeName(written: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(written);
  return known
    .map((name) => ({ name, errors: editDistance(lettersOf(name), letters) / Math.min(name.length, letters.length) }))
    .filter(({ errors }) => errors <= 1 / 4)
    .sort((a, b) => a.errors - b.errors)[0]?.name;
}

function lettersOf(name: string): string[] {
  return [...name.toLowerCase().replaceAll(/[_-]/g, "")];
}
