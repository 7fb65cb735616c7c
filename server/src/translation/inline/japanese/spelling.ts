import { byLanguage } from "../../../languages.js";
import { capitalized } from "../inflected-nouns.js";
import { familyAndGiven, gazetteer, placesOfAddress } from "./gazetteer.js";
import { romaji } from "./romaji.js";
import { isKatakana, JOINT } from "./script.js";

/** How a language spells names that are written in Japanese; as they are when they are of its script, or in unknown Han. @param language BCP 47 */
export const spellingFor = byLanguage((language): ((name: string) => string) => {
  const { script = "Latn" } = new Intl.Locale(language).maximize();
  if (script === "Jpan") return (name) => name;
  const hasHan = script === "Hans" || script === "Hant";
  return (written) => {
    const name = written.normalize("NFKC");
    if (isKatakana(name)) return katakanaSpelling(name);
    return hasHan ? written : hanSpelling(name);
  };
});

/** Words that the gazetteer has not are romanized. */
function katakanaSpelling(name: string): string {
  const spelled = (word: string) => gazetteer().get(word)?.spelling ?? capitalized(romaji(word));
  return gazetteer().get(name)?.spelling ?? name.split(JOINT).map(spelled).join(" ");
}

/** A given name comes first, and the smallest place. */
function hanSpelling(name: string): string {
  const spelled = (word: string) => gazetteer().get(word)!.spelling;
  if (gazetteer().has(name)) return spelled(name);
  const person = familyAndGiven(name);
  if (person) return person.toReversed().map(spelled).join(" ");
  return placesOfAddress(name).toReversed().map(spelled).join(", ") || name;
}
