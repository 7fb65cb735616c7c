/** Whether a word as `wordsIn` cuts it is of katakana. */
export function isKatakana(word: string): boolean {
  return /^[ァ-ヺ]/.test(word);
}

/** Whether a word as `wordsIn` cuts it is of Han. */
export function isHan(word: string): boolean {
  return /^[\p{sc=Han}々]/u.test(word);
}

/** What stands between the words of a name: トム・クルーズ. */
export const JOINT = /[・･＝=]/;

/** What words of when end in, which may stand directly in front of a name: 昨日, 今朝. */
export const WHEN = /[日月年週回時間度前後朝夜晩]$/;
