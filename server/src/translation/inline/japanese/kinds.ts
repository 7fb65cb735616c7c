import type { NameKind } from "../known-names.js";
import { initialOf, type NounKind } from "../known-nouns.js";
import { familyAndGiven, gazetteer, type ListedKind, PLACE_ENDING, placesOfAddress } from "./gazetteer.js";
import { isKatakana, JOINT } from "./script.js";

/** What the gazetteer says of a name, of several words of the last; else what it is written in. */
export type JapaneseKind = ListedKind | "katakana" | "han";

/** @param name in NFKC */
export function kindOf(name: string): JapaneseKind {
  const list = gazetteer();
  const listed = list.get(name) ?? list.get(name.split(JOINT).at(-1)!);
  if (listed) return listed.kind;
  if (isKatakana(name)) return "katakana";
  if (familyAndGiven(name)) return "family";
  if (placesOfAddress(name).length > 0) return "place";
  return /.子$/u.test(name) ? "woman" : "han";
}

/** Words about a woman, who may be the one that is named. */
const FEMININE = /彼女|女の子|女性/;
/** Verbs of where one is and goes, behind a particle: に住む, へ行く. */
const WHERE = /^(?:に|へ|で|から|まで).{0,8}?(?:住|行|着|来|帰|働|生まれ|育|過ご|旅|滞在|留学|引っ越|出発|向か)/u;
/** Where one works, buys and is: particles behind an organization. */
const AT = /^(?:に|へ|から|で(?!す|し))/;

/**
 * The kind of what may stand in for a name or a loanword; undefined for a person that may be a man or a woman.
 * @param behind what is written behind it: with a title it is a person
 */
export function standInKind(
  kind: JapaneseKind,
  { text, title, behind, spelled }: Readonly<Record<"text" | "title" | "behind" | "spelled", string>>,
): NameKind | NounKind | undefined {
  if (kind === "thing") return { number: "one", initial: initialOf(spelled) };
  if (kind === "stuff") return { number: "mass" };
  if (kind === "man" || kind === "woman") return kind;
  const person = FEMININE.test(text) ? "woman" : undefined;
  if (title !== "" || kind === "family") return person;
  const isThere = (kind === "organization" ? AT : WHERE).test(behind);
  return kind === "place" || isThere || PLACE_ENDING.test(behind) ? "place" : person;
}
