import type { KnownWords, Word } from "@carousel/bundle";
import type { PiecePlace } from "../attention.js";
import { familyAndGiven, gazetteer, listedPlaceAt, PLACE_ENDING, placesOfAddress } from "./gazetteer.js";
import { WHEN } from "./script.js";
import { titleBeginning, titleEnding } from "./titles.js";

const LONGEST_NAME = 4;
/** Of one character are many words: 林, 津. */
const SHORTEST_ALONE = 2;
/** Words with a title that are no names: 看護師さん, 校長先生, 同氏, 双子ちゃん. */
const NO_NAME =
  /[者員師士屋手官長客親母父兄姉弟妹娘婦医家主方様生学同諸両彼准助貴皆奥神王殿仏嬢]$|[弟双迷女男息親]子$|^[一二三四五六七八九十数何毎全]/;
/** What else a place goes on with: 札幌行き, 長崎産, 福岡空港. */
const OF_PLACE = /^[行発着産弁人支本大空]/;

/** Behind a family's name, what is translated: 高橋選手, 田中家. */
const ROLE = /^(?:元?(?:首相|大統領|大臣|社長|部長|課長|選手|監督|議員)|夫妻|家)$/;

/** The unknown names of a run of Han: the one in front of a title, one of the gazetteer, or a place in it. */
export function hanNames(text: string, run: Word, words: KnownWords): PiecePlace[] {
  const { word, start, end } = run;
  const hasTitle = titleBeginning(text.slice(end)) !== "";
  if (words.has(word) && !(hasTitle && isFamilyToo(word))) return [];
  const title = hasTitle ? "" : titleEnding(word);
  if (hasTitle || title !== "") {
    const name = word.slice(0, word.length - title.length);
    const at = startOfTitled(name, { title, before: text.slice(0, start) }, words);
    if (at !== undefined) return [{ start: start + at, end: start + name.length }];
    if (hasTitle) return [];
  }
  const length = lengthOfPerson(word);
  if (length > 0) return [{ start, end: start + length }];
  return placesOfAddress(word).some((place) => !words.has(place)) ? [run] : placesIn(run, words);
}

/** What is known as another word: 森. */
function isFamilyToo(word: string): boolean {
  return word.length === 1 && gazetteer().has(word);
}

/**
 * Where the unknown name in front of a title begins: in the gazetteer, behind any known word, else behind one of when.
 * @param written title of the run, in which 様 ends many other words: 模様; and what is before the run
 */
function startOfTitled(run: string, written: { title: string; before: string }, words: KnownWords): number | undefined {
  const starts = Array.from(run, (_, at) => at).filter((at) => at === 0 || words.has(run.slice(0, at)));
  const isListed = (name: string) => gazetteer().has(name) || familyAndGiven(name) !== undefined;
  const listed = starts.find((at) => isListed(run.slice(at)));
  const start = listed ?? starts.findLast((at) => at === 0 || WHEN.test(run.slice(0, at)));
  if (start === undefined) return undefined;
  const name = run.slice(start);
  if (words.has(name)) return isFamilyToo(name) ? start : undefined;
  if (listed !== undefined) return start;
  const isOther = written.title === "様" || NO_NAME.test(name) || (start === 0 && /[おご]$/.test(written.before));
  return isOther || name.length > LONGEST_NAME ? undefined : start;
}

/** Of the family's name, with a given name or not, that a run is, or in front of a role; else 0. */
function lengthOfPerson(run: string): number {
  for (let length = run.length; length >= SHORTEST_ALONE; length--) {
    const rest = run.slice(length);
    if ((rest === "" || ROLE.test(rest)) && familyAndGiven(run.slice(0, length))) return length;
  }
  return 0;
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
