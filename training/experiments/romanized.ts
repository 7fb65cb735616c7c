/** Two kana that are one syllable come before what each is alone. */
const SYLLABLES = new Map(
  Object.entries({
    "": "ア a イ i ウ u エ e オ o ヴァ va ヴィ vi ヴェ ve ヴォ vo ヴ v ウィ wi ウェ we ウォ wo イェ ye ァ a ィ i ゥ u ェ e ォ o",
    k: "カ a キ i ク u ケ e コ o キャ ya キュ yu キョ yo クァ wa クィ wi クォ wo",
    g: "ガ a ギ i グ u ゲ e ゴ o ギャ ya ギュ yu ギョ yo グァ wa",
    s: "サ a ス u セ e ソ o シ hi シャ ha シュ hu ショ ho シェ he スィ i",
    z: "ザ a ズ u ゼ e ゾ o",
    j: "ジ i ジャ a ジュ u ジョ o ジェ e ヂ i",
    t: "タ a テ e ト o ティ i トゥ u ツ su ツァ sa",
    c: "チ hi チャ ha チュ hu チョ ho チェ he",
    d: "ダ a デ e ド o ディ i ドゥ u デュ yu ヅ zu",
    n: "ナ a ニ i ヌ u ネ e ノ o ニャ ya ニュ yu ニョ yo ン",
    h: "ハ a ヒ i ヘ e ホ o ヒャ ya ヒュ yu ヒョ yo",
    f: "フ u ファ a フィ i フェ e フォ o フュ yu",
    b: "バ a ビ i ブ u ベ e ボ o ビャ ya ビュ yu ビョ yo",
    p: "パ a ピ i プ u ペ e ポ o ピャ ya ピュ yu ピョ yo",
    m: "マ a ミ i ム u メ e モ o ミャ ya ミュ yu ミョ yo",
    y: "ヤ a ユ u ヨ o ャ a ュ u ョ o",
    r: "ラ a リ i ル u レ e ロ o リャ ya リュ yu リョ yo",
    w: "ワ a ヲ o",
  }).flatMap(([consonant, row]) =>
    [...row.matchAll(/(\p{Script=Katakana}+) ?([a-z]*)/gu)].map(
      ([, kana, rest]) => [kana!, consonant + rest!] as const,
    ),
  ),
);

/** Katakana by the sounds of Hepburn, long vowels as short ones; all else as it is. "ロバート" is "robato". */
export function romanized(text: string): string {
  let [latin, doubled] = ["", false];
  for (let at = 0; at < text.length; ) {
    const length = SYLLABLES.has(text.slice(at, at + 2)) ? 2 : 1;
    const kana = text.slice(at, at + length);
    at += length;
    if (kana === "ー") continue;
    if (kana === "ッ") {
      doubled = true;
      continue;
    }
    const syllable = SYLLABLES.get(kana) ?? kana;
    latin +=
      doubled && /^[bcdfghjkpstz]/.test(syllable)
        ? (syllable.startsWith("c") ? "t" : syllable[0]!) + syllable
        : syllable;
    doubled = false;
  }
  return latin;
}
