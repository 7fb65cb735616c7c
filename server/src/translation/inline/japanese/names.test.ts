import { WordFilter, wordsIn } from "@carousel/bundle";
import { describe, expect, it } from "vitest";
import type { Span } from "../span.js";
import { withKnownWords } from "../unknown-words.js";

const SEEN =
  "トムはメアリーと東京へ行き、ジョンとアリスは大阪とボストンと京都に住む。昨日、医者と奥さんと皆さんが来た。日本語を話す日本人。" +
  "フランス語の先生。コンピューターとレストランとドライブ。鉛筆とタクシーとパン。同様。模様。森。大学。飛行機。毎日。";
const words = WordFilter.of([...wordsIn(SEEN)].map(({ word }) => word));

const named = (
  text: string,
  { target = "en", known = words, spans = [] as Span[], closed = [] as { start: number; end: number }[] } = {},
) => withKnownWords({ text, spans }, { languages: { source: "ja", target }, words: known, closed });
const namesIn = (text: string, target?: string) =>
  named(text, target ? { target } : {}).spans.map(({ instead }) => instead!.text);

describe("names that a model of Japanese has not seen", () => {
  it.each([
    ["サンフランシスコに住んでいます。", ["San Francisco"]],
    ["ﾏｲｸﾛｿﾌﾄで働く。", ["Microsoft"]],
    ["ヨハンセンは来た。", ["Yohansen"]],
    ["アルベルト・アインシュタインとトム・クルーズ", ["Albert Einstein", "Tom Cruise"]],
    ["レオナルド・ダ・ヴィンチ、イーロン・マスク", ["Leonardo da Vinci", "Elon Musk"]],
    ["グーグルドライブを使う。", ["Google"]],
    ["オンタリオ湖は大きい。", ["Ontario"]],
  ])("in katakana: %s", (text, expected) => {
    expect(namesIn(text)).toEqual(expected);
  });

  it.each([
    ["昨日、田中さんと渡辺先生が来た。", ["Mr Tanaka", "Mr Watanabe"]],
    ["田中太郎さん、佐藤君、木下ちゃん", ["Mr Taro Tanaka", "Sato", "Kinoshita"]],
    ["小林教授と木下博士と田中夫人", ["Professor Kobayashi", "Dr Kinoshita", "Mrs Tanaka"]],
    ["ミュラーさん、ケビンさん、ヨハンセンさん", ["Mr Müller", "Kevin", "Yohansen"]],
    ["権田原さんは彼女と小林さんを知る。", ["権田原", "Ms Kobayashi"]],
    ["森さんは森へ行き", ["Mr Mori"]],
    ["昨日渡辺さんが、昨日権田原さんが来た。", ["Mr Watanabe", "権田原"]],
    ["高橋選手と小泉元首相と田中家", ["Takahashi", "Koizumi", "Tanaka"]],
    ["直子さんが来た。夏目漱石", ["Naoko", "Soseki Natsume"]],
  ])("of people: %s", (text, expected) => {
    expect(namesIn(text)).toEqual(expected);
  });

  it.each([
    ["名古屋から昨日札幌へ行き", ["Nagoya", "Sapporo"]],
    ["名古屋駅と広島大学", ["Nagoya", "Hiroshima"]],
    ["愛知県名古屋市に住む。", ["Nagoya, Aichi"]],
  ])("of places: %s", (text, expected) => {
    expect(namesIn(text)).toEqual(expected);
  });

  it.each([
    "お医者さん、奥さん、皆さん、看護師さん、運転手さん、お嬢さん",
    "日本語を話す日本人。スロベニア語",
    "同様に模様が、空模様と",
    "毎日ちゃんとする。三人さん",
    "ドキドキする。キレイだ。サボる。キャンセルした。エモい。",
    "Tシャツ、5ギガ、エネルギー危機",
    "コンピュータ、ドライブレストラン",
  ])("are not: %s", (text) => {
    expect(namesIn(text)).toEqual([]);
  });

  it("have a name in their place that the model knows and the text has not, and no title", () => {
    expect(named("田中さんは渡辺さんと名古屋へ行った。田中さん！").text).toBe("トムはメアリーと東京へ行った。トム！");
    expect(named("トムは東京でケビンと札幌を見た。").text).toBe("トムは東京でジョンとボストンを見た。");
    expect(named("グーグルで働く。グーグルは").text).toBe("東京で働く。東京は");
    expect(named("ヨハンセンは彼女の名だ。").text).toBe("メアリーは彼女の名だ。");
  });

  it("stay as they are where the language is written in their script", () => {
    expect(namesIn("田中さんはサンフランシスコと名古屋へ", "zh")).toEqual(["田中", "San Francisco", "名古屋"]);
    expect(namesIn("田中さんはサンフランシスコと名古屋へ", "fr")).toEqual(["Tanaka", "San Francisco", "Nagoya"]);
  });

  it("leave terms, and the title that another tag has", () => {
    const tag: Span = { start: 0, end: 2, before: "<b>", after: "</b>", children: [] };
    const { text, spans } = named("渡辺さんはケビンに", { spans: [tag], closed: [{ start: 5, end: 8 }] });
    expect(text).toBe("トムさんはケビンに");
    expect(spans[0]!.children[0]!.instead!.text).toBe("Watanabe");
  });

  it("are found in a time that grows as their number", { timeout: 3000 }, () => {
    for (const part of ["ヨハ", "ヨハン・", "田中さん", "名古屋", "昨日名", "ギ"])
      named(part.repeat(2000 / part.length));
  });

  it("are the model's where it is of a bundle that knows no word without capitals", () => {
    const old = WordFilter.of(["CD", "Tom"]);
    expect(named("田中さんはZimmermannとサンフランシスコへ", { known: old }).text).toBe(
      "田中さんはトムとサンフランシスコへ",
    );
    expect(named("田中さんは安い", { known: WordFilter.of(["トム"]) }).spans).toEqual([]);
  });
});

describe("loanwords that a model of Japanese has not seen", () => {
  it("have a noun in their place, whose form they take in English", () => {
    const { text, spans } = named("このスマートフォンとレシピとヨーグルト");
    expect(text).toBe("この鉛筆とタクシーとパン");
    expect(spans[0]!.instead!.inflected).toEqual({
      pencil: "smartphone",
      Pencil: "Smartphone",
      pencils: "smartphones",
      Pencils: "Smartphones",
    });
    expect(spans[2]!.instead!.inflected).toEqual({ bread: "yogurt", Bread: "Yogurt" });
    expect(namesIn("新しいアルゴリズム")).toEqual(["algorithm"]);
    expect(named("新しいアルゴリズム").text).toBe("新しい飛行機");
  });

  it("are the model's in another language", () => {
    expect(namesIn("このスマートフォン", "fr")).toEqual([]);
  });
});
