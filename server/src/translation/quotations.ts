import { primaryLanguage } from "../languages.js";

/** A stretch between quotation marks: from its opening mark to behind its closing one. */
export interface Quotation {
  readonly start: number;
  readonly end: number;
  /** Of what it says, without white space at its ends. */
  readonly from: number;
  readonly to: number;
}

/** Marks in pairs. Those of a keyboard stand where words begin and end; a single one closes what is said ('No,'), not a word (boys'). */
const QUOTATIONS = new RegExp(
  [
    String.raw`(?<![\p{sc=Latn}\p{N}])"[^"\n]+"(?![\p{sc=Latn}\p{N}])`,
    String.raw`(?<![\p{L}\p{N}])'(?=\S)(?:[^'\n]|(?<=\p{L})'(?=\p{L}))+(?<=[.,!?…])'(?![\p{L}\p{N}])`,
    String.raw`[“„][^“”„\n]+[“”]`,
    String.raw`‘(?:[^‘’\n]|(?<=\p{L})’(?=\p{L}))+’`,
    String.raw`«[^«»\n]+»`,
    String.raw`「[^「」\n]+」`,
    String.raw`『[^『』\n]+』`,
  ].join("|"),
  "gu",
);

/** Most texts have none of these. */
const MARK = /["'“„‘«「『]/;

/** Those with a letter in them, in order; none is in another. */
export function quotationsIn(text: string): Quotation[] {
  if (!MARK.test(text)) return [];
  return [...text.matchAll(QUOTATIONS)].flatMap(({ 0: written, index: start }): Quotation[] => {
    const inside = written.slice(1, -1);
    if (!/\p{L}/u.test(inside)) return [];
    const from = start + 1 + inside.length - inside.trimStart().length;
    return [{ start, end: start + written.length, from, to: from + inside.trim().length }];
  });
}

/** What Japanese has behind speech: と彼は言った。 */
const REPORTED =
  /^と、?([^「」『』。！？、\n]{0,24}(?:[言聞訊尋答叫呼書考告述話返問頼思]|い(?=[いうっ])|たずね|こたえ|さけ|おも|ささや|つぶや|伝え)\p{sc=Hira}{0,7})(?:。|$)/u;

/**
 * Whether it is a sentence of its own: it is all of a line, stands beside another, or is set apart from who says it. Other
 * quotations are words of the sentence around them.
 */
export function isUtterance(text: string, { start, end, from, to }: Quotation): boolean {
  const before = text.slice(Math.max(0, start - 8), start).trimEnd();
  const behind = text.slice(end, end + 40).trimStart();
  const said = text.slice(from, to);
  if (/^\p{Lu}.*\s.*[.!?…]$/u.test(said) && /^(?:[.。]|\p{Lu}|$)/u.test(behind)) return true;
  const isApart = /[.,!?…。、！？]$/.test(said);
  if (/[,，、:：]$/.test(before)) return isApart || /^[.。]?$/.test(behind);
  if (before !== "" && !/[.!?…。！？"”»」』'’]$/.test(before)) return false;
  return isApart || /^(?:$|["“„‘«「『]|[,，、](?!\s*["“„‘«「『]))/.test(behind) || REPORTED.test(behind);
}

/** What is said by itself in Japanese, which seldom has the full stop that a sentence has. */
export function spokenSentences(text: string, language: string): string {
  if (primaryLanguage(language) !== "ja" || !/[「『]/.test(text)) return text;
  const behind = speechBehind(text);
  return quotationsIn(behind)
    .filter((quotation) => isUtterance(behind, quotation) && !/[。！？!?….、]/.test(behind[quotation.to - 1]!))
    .reduceRight((written, { to }) => `${written.slice(0, to)}。${written.slice(to)}`, behind);
}

/** 彼は「はい」と言った。 → 彼は言った、「はい」 */
function speechBehind(text: string): string {
  return text.replace(
    /(?<=(?:^|[。！？\n」])[^。！？、「」\n]{1,40})(「[^「」\n]+」)(と[^「」\n]{1,40})/gu,
    (written, said: string, behind: string) => {
      const [found, reported] = REPORTED.exec(behind) ?? [];
      return found === undefined ? written : `${reported}、${said}${behind.slice(found.length)}`;
    },
  );
}
