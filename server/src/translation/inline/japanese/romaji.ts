/** Rows of the table of kana: what a consonant makes of the five vowels. */
const ROWS: readonly (readonly [kana: string, romaji: string])[] = [
  ["アイウエオ", "a i u e o"],
  ["カキクケコ", "ka ki ku ke ko"],
  ["ガギグゲゴ", "ga gi gu ge go"],
  ["サシスセソ", "sa shi su se so"],
  ["ザジズゼゾ", "za ji zu ze zo"],
  ["タチツテト", "ta chi tsu te to"],
  ["ダヂヅデド", "da ji zu de do"],
  ["ナニヌネノ", "na ni nu ne no"],
  ["ハヒフヘホ", "ha hi fu he ho"],
  ["バビブベボ", "ba bi bu be bo"],
  ["パピプペポ", "pa pi pu pe po"],
  ["マミムメモ", "ma mi mu me mo"],
  ["ヤユヨ", "ya yu yo"],
  ["ラリルレロ", "ra ri ru re ro"],
  ["ワヰヱヲン", "wa i e o n"],
  ["ヷヸヴヹヺ", "va vi vu ve vo"],
  ["ァィゥェォャュョヮヵヶ", "a i u e o ya yu yo wa ka ke"],
];

const ROMAJI = new Map(ROWS.flatMap(([kana, romaji]) => romaji.split(" ").map((said, k) => [kana[k]!, said] as const)));

/** The consonant of a vowel that a small kana takes the place of: ウィ, イェ, クァ. */
const GLIDES: Readonly<Record<string, string>> = { ウ: "w", イ: "y", ク: "kw", グ: "gw" };

/**
 * Katakana in Latin letters: Hepburn's, with what foreign names need (ティ, ヴァ), and long vowels as short ones, as in Tokyo. Other
 * characters stay.
 * @param katakana in NFC
 */
export function romaji(katakana: string): string {
  return katakana
    .replaceAll("ー", "")
    .replaceAll(/([ァ-ヂツ-ヺ])([ァィゥェォャュョヮ]?)/g, (_, kana: string, small: string) => syllable(kana, small))
    .replaceAll(/ッ+(c?)([b-df-hj-np-tv-z]?)/g, (_, c: string, next: string) => (c ? `tc${next}` : next + next))
    .replaceAll(/([ou])u/g, "$1")
    .replaceAll("oo", "o");
}

function syllable(kana: string, small: string): string {
  const full = ROMAJI.get(kana) ?? kana;
  if (small === "") return full;
  const consonant = GLIDES[kana] ?? full.replace(/[aeiou]$/, "");
  const vowel = ROMAJI.get(small)!;
  // シャ is sha, キャ is kya
  return consonant + (/(?:sh|ch|j)$/.test(consonant) ? vowel.replace("y", "") : vowel);
}
