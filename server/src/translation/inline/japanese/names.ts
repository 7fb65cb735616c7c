import { wordsIn } from "@carousel/bundle";
import { primaryLanguage } from "../../../languages.js";
import type { PiecePlace } from "../attention.js";
import type { FindNames, Name } from "../names.js";
import { hanNames } from "./han.js";
import { katakanaNames } from "./katakana.js";
import { kindOf, standInKind } from "./kinds.js";
import { isHan, isKatakana } from "./script.js";
import { spellingFor } from "./spelling.js";
import { titleBeginning, titleIn } from "./titles.js";

/**
 * Names in Japanese that a model has not seen, with their titles: runs of katakana; Han in front of a title; places and people of
 * the gazetteer in Han. Translations spell them. Into English also loanwords of the gazetteer.
 */
export const japaneseNames: FindNames = (text, { words, target, isOpen }) => {
  const all = [...wordsIn(text)];
  const katakana = all.filter(({ word }) => isKatakana(word));
  const han = all.filter(({ word }) => isHan(word));
  const places = [...katakanaNames(text, katakana, words), ...han.flatMap((run) => hanNames(text, run, words))];
  const names = places.filter(isOpen).map((place) => nameAt(text, place, { target, isOpen }));
  return names.filter(({ kind }) => typeof kind !== "object" || primaryLanguage(target) === "en");
};

function nameAt(
  text: string,
  { start, end }: PiecePlace,
  { target, isOpen }: { target: string; isOpen: (place: PiecePlace) => boolean },
): Name {
  const [written, behind] = [text.slice(start, end), text.slice(end)];
  const listed = kindOf(written.normalize("NFKC"));
  const spelled = spellingFor(target)(written);
  const title = titleBeginning(behind);
  const kind = standInKind(listed, { text, title, behind, spelled });
  const titled = { start, end: end + title.length };
  if (title === "" || !isOpen(titled)) return { start, end, kind, spelled };
  const isFamily = listed === "family" || listed === "place";
  const before = titleIn(target, title, { isWoman: kind === "woman", isFamily });
  return { ...titled, kind, spelled: `${before} ${spelled}`.trimStart() };
}
