import type { KnownWords, Word } from "@carousel/bundle";
import type { PiecePlace } from "../attention.js";
import { isBesideDigit } from "../words.js";
import { gazetteer, type ListedKind, PLACE_ENDING } from "./gazetteer.js";
import { JOINT, WHEN } from "./script.js";
import { POLITE, titleBeginning } from "./titles.js";

/** Between the words of a name, which has small ones that are no words: レオナルド・ダ・ヴィンチ. */
const BETWEEN = new RegExp(`^${JOINT.source}(?:[ァ-ヺ]${JOINT.source})?$`);
/** What may stand behind a name: a particle, a title or a word, but no ending of a verb or an adjective: サボる, キャンセルした. */
const BEHIND =
  /^(?:(?![ぁ-ん])|[はがをにでともへのやかだよねくちまみおばぐじ]|さ(?![せれ])|な(?:ど|ら|の|ん)|らし|しか|い[るたなま]|って[い言誰何])/;
/** What is said twice is a sound (ドキドキ), and words of Japanese may be written so for emphasis. */
const NO_NAME =
  /^(?:(.{2,})\1|ワタシ|アタシ|アナタ|アンタ|[アコソ]イツ|ホント|キレイ|スゴイ|ヤバイ|カワイイ|カッコイイ|オシャレ|イマイチ)$/u;
/** Characters of a part of a compound. */
const LEAST_PART = 3;

/** Characters of a name that is neither in the gazetteer nor in front of a title. */
const LEAST = 3;

/**
 * Unknown runs of katakana. Several are one name where a joint is between them, and each is unknown or a name in the gazetteer;
 * other words than those in it are not taken out of a compound with Han.
 */
export function katakanaNames(text: string, runs: readonly Word[], words: KnownWords): PiecePlace[] {
  const names: (PiecePlace & { readonly isUnknown: boolean; readonly isNoun: boolean })[] = [];
  for (const run of runs.flatMap((compound) => partsOf(compound, words))) {
    const { word, start, end } = run;
    const listed = gazetteer().get(word)?.kind;
    const isNoun = listed === "thing" || listed === "stuff";
    const isListedName = listed !== undefined && !isNoun;
    const isUnknown = !isSeen(word, words) && !isOfWord(text, run) && (isListedName || isAlone(text, run, listed));
    const last = names.at(-1);
    const isJoined = last && BETWEEN.test(text.slice(last.end, start));
    const isListedTogether = isJoined && gazetteer().has(text.slice(last.start, end).normalize("NFKC"));
    if (!isUnknown && !isListedName && !isListedTogether) continue;
    if (isJoined && ((!last.isNoun && !isNoun) || isListedTogether)) {
      names.splice(-1, 1, { start: last.start, end, isUnknown: last.isUnknown || isUnknown, isNoun: false });
    } else names.push({ start, end, isUnknown, isNoun });
  }
  return names.filter(({ isUnknown }) => isUnknown).map(({ start, end }) => ({ start, end }));
}

/** Also without or with the long vowel that a word may end in: コンピュータ, コンピューター. */
function isSeen(word: string, words: KnownWords): boolean {
  return words.has(word) || words.has(word.endsWith("ー") ? word.slice(0, -1) : `${word}ー`);
}

/** Whether it is a part of a word that has other characters, too: スロベニア語. */
function isOfWord(text: string, place: PiecePlace): boolean {
  const [before, behind] = [text.slice(0, place.start), text.slice(place.end)];
  const isBegin = !BEHIND.test(behind) || /^[\p{LC}語人系製風式]/u.test(behind);
  return isBegin || isBesideDigit(text, place) || /\p{LC}$/u.test(before);
}

/** Whether a loanword of the gazetteer or a word that it has not is no other word, no part of a compound with Han, and not short. */
function isAlone(text: string, { word, start, end }: Word, listed: ListedKind | undefined): boolean {
  const [before, behind] = [text.slice(0, start), text.slice(end)];
  const isLong = listed !== undefined || word.length >= LEAST;
  if (titleBeginning(behind) !== "") return isLong || POLITE.test(behind);
  const isBehindHan = /\p{sc=Han}$/u.test(before) && !WHEN.test(before);
  const isInFrontOfHan = /^\p{sc=Han}/u.test(behind) && (listed !== undefined || !PLACE_ENDING.test(behind));
  return isLong && !isBehindHan && !isInFrontOfHan && !NO_NAME.test(word);
}

/** A compound of two words that are known or in the gazetteer is these: グーグルマップ. */
function partsOf(run: Word, words: KnownWords): Word[] {
  const { word, start, end } = run;
  const isPart = (part: string) => gazetteer().has(part) || isSeen(part, words);
  if (isPart(word) || word.length !== end - start) return [run];
  for (let length = word.length - LEAST_PART; length >= LEAST_PART; length--) {
    const parts = [word.slice(0, length), word.slice(length)] as const;
    if (!parts.every(isPart)) continue;
    const middle = start + length;
    return [
      { word: parts[0], start, end: middle },
      { word: parts[1], start: middle, end },
    ];
  }
  return [run];
}
