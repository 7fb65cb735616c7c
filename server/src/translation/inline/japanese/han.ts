import type { KnownWords, Word } from "@carousel/bundle";
import type { PiecePlace } from "../attention.js";
import { familyAndGiven, gazetteer, listedPlaceAt, PLACE_ENDING, placesOfAddress } from "./gazetteer.js";
import { titleBeginning, titleEnding } from "./titles.js";

const LONGEST_NAME = 4;
/** Of one character are many words: 林, 津. */
const SHORTEST_ALONE = 2;
/** Words with a title that are no names: 看護師さん, 校長先生, 同氏, 双子ちゃん. */
const NO_NAME =
  /[者員師士屋手官長客親母父兄姉弟妹娘婦医家主方様生学同諸両彼准助貴皆奥神王殿仏嬢]$|[弟双迷女男息親]子$|^[一二三四五六七八九十数何毎全]/;
/** What else a place goes on with: 札幌行き, 長崎産, 福岡空港. */
const OF_PLACE = /^[行発着産弁人支本大空]/;

/** The unknown names of a run of Han: the one in front of a title, one of the gazetteer, or a place in it. */
export function hanNames(text: string, run: Word, words: KnownWords): PiecePlace[] {
  const { word, start, end } = run;
  const hasTitle = titleBeginning(text.slice(end)) !== "";
  if (words.has(word) && !(hasTitle && isFamilyToo(word))) return [];
  const title = hasTitle ? "" : titleEnding(word);
  const name = word.slice(0, word.length - title.length);
  if (hasTitle || title !== "") {
    if (isTitledName(name, { title, before: text.slice(0, start) }, words))
      return [{ start, end: start + name.length }];
    if (hasTitle) return [];
  }
  const isName = word.length >= SHORTEST_ALONE && familyAndGiven(word) !== undefined;
  return isName || placesOfAddress(word).some((place) => !words.has(place)) ? [run] : placesIn(run, words);
}

/** What is known as another word: 森. */
function isFamilyToo(word: string): boolean {
  return word.length === 1 && gazetteer().has(word);
}

/** @param written title of the run, in which 様 ends many other words: 模様; and what is before the name */
function isTitledName(name: string, written: { title: string; before: string }, words: KnownWords): boolean {
  if (name === "" || name.length > LONGEST_NAME) return false;
  if (words.has(name)) return isFamilyToo(name);
  if (gazetteer().has(name) || familyAndGiven(name)) return true;
  return written.title !== "様" && !NO_NAME.test(name) && !/[おご]$/.test(written.before);
}

/** The unknown place of a run, which begins with it or a known word in front of it: 昨日|札幌, 名古屋|駅. */
function placesIn({ word, start }: Word, words: KnownWords): PiecePlace[] {
  for (let at = 0; at < word.length; at++) {
    const place = at === 0 || words.has(word.slice(0, at)) ? listedPlaceAt(word, at) : undefined;
    if (place === undefined || words.has(place)) continue;
    const rest = word.slice(at + place.length);
    const isWhole =
      rest === "" || PLACE_ENDING.test(rest) || OF_PLACE.test(rest) || (rest.length > 1 && words.has(rest));
    if (isWhole) return [{ start: start + at, end: start + at + place.length }];
  }
  return [];
}
