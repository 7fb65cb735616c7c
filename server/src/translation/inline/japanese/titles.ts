import { primaryLanguage } from "../../../languages.js";

/** What languages write in front of a man's name, and of a woman's. */
type Forms = Readonly<Record<string, readonly [man: string, woman: string]>>;

const MR: Forms = { en: ["Mr", "Ms"] };
/** Behind whatever name. */
export const POLITE = /^(?:さん|さま|様)/;
/** Those that no language here has are not translated. */
const TITLES: ReadonlyMap<string, Forms> = new Map([
  ...["さん", "さま", "様", "氏", "先生"].map((title): [string, Forms] => [title, MR]),
  ["教授", { en: ["Professor", "Professor"] }],
  ["博士", { en: ["Dr", "Dr"] }],
  ["夫人", { en: ["Mrs", "Mrs"] }],
  ...["君", "くん", "ちゃん"].map((title): [string, Forms] => [title, {}]),
]);

const ANY = [...TITLES.keys()].join("|");
/** No word that begins as one: ちゃんと, さんざん. */
const AT_BEGIN = new RegExp(`^(?:${ANY})(?!(?<=ちゃん)と|(?<=さん)ざん)`);
const AT_END = new RegExp(`(?:${ANY})$`);

/** The title that a text begins with; "" when none. */
export function titleBeginning(text: string): string {
  return AT_BEGIN.exec(text)?.[0] ?? "";
}

/** The title that a word ends in; "" when none. */
export function titleEnding(word: string): string {
  return AT_END.exec(word)?.[0] ?? "";
}

/**
 * What a language writes in front of a name for a title; "" when nothing, as in front of given names.
 * @param language BCP 47
 */
export function titleIn(language: string, title: string, name: { isWoman: boolean; isFamily: boolean }): string {
  if (!name.isFamily && POLITE.test(title)) return "";
  return TITLES.get(title)?.[primaryLanguage(language)]?.[name.isWoman ? 1 : 0] ?? "";
}
