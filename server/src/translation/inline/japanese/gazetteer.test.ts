import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { familyAndGiven, gazetteer, linesOf, placesOfAddress } from "./gazetteer.js";

const lines = linesOf(readFileSync(new URL("../../../../data/japanese.tsv", import.meta.url), "utf8"));

it("has each word once, in one script, with a spelling and a kind", () => {
  expect(lines.length).toBe(new Set(lines.map(([written]) => written)).size);
  expect(gazetteer().size).toBe(lines.length);
  const isLine = ([written, { spelling, kind }]: (typeof lines)[number]) =>
    /^(?:[ァ-ヺー]{2,}(?:・[ァ-ヺー]+)*|[\p{sc=Han}々]+)$/u.test(written) &&
    written === written.normalize("NFKC") &&
    /^[\p{sc=Latn}][\p{sc=Latn}'.& -]*$/u.test(spelling) &&
    ["family", "man", "woman", "place", "organization", "thing", "stuff"].includes(kind);
  expect(lines.filter((line) => !isLine(line))).toEqual([]);
});

it("has the places and the people whom one knows", () => {
  const spelled = ["東京", "札幌", "渡辺", "サンフランシスコ", "アインシュタイン", "マイクロソフト"];
  expect(spelled.map((name) => gazetteer().get(name)?.spelling)).toEqual([
    "Tokyo",
    "Sapporo",
    "Watanabe",
    "San Francisco",
    "Einstein",
    "Microsoft",
  ]);
  const prefectures =
    "北海道 青森 岩手 宮城 秋田 山形 福島 茨城 栃木 群馬 埼玉 千葉 東京 神奈川 新潟 富山 石川 福井 山梨 長野 岐阜 静岡 愛知 三重 " +
    "滋賀 京都 大阪 兵庫 奈良 和歌山 鳥取 島根 岡山 広島 山口 徳島 香川 愛媛 高知 福岡 佐賀 長崎 熊本 大分 宮崎 鹿児島 沖縄";
  expect(prefectures.split(" ").filter((name) => gazetteer().get(name)?.kind !== "place")).toEqual([]);
});

it("knows a family and a given name, and the places of an address", () => {
  expect(familyAndGiven("田中太郎")).toEqual(["田中", "太郎"]);
  expect(familyAndGiven("千葉花子")).toEqual(["千葉", "花子"]);
  expect(familyAndGiven("田中")).toEqual(["田中", ""]);
  expect([familyAndGiven("田中駅"), familyAndGiven("太郎")]).toEqual([undefined, undefined]);
  expect(placesOfAddress("愛知県名古屋市")).toEqual(["愛知", "名古屋"]);
  expect([placesOfAddress("名古屋駅"), placesOfAddress("先週")]).toEqual([[], []]);
});
