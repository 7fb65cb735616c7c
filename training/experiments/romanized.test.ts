import { expect, it } from "vitest";
import { romanized } from "./romanized.js";

it("writes katakana by its sounds", () => {
  const names = {
    ロバート: "robato",
    ジェシカ: "jeshika",
    マッチャ: "matcha",
    キッシンジャー: "kisshinja",
    ヴィクトリア: "vikutoria",
    フィッツジェラルド: "fittsujerarudo",
    "チュー・ウィン": "chu・win",
    ツェェン: "tsueen",
    "AB ッ": "AB ",
  };
  for (const [kana, latin] of Object.entries(names)) expect(romanized(kana)).toBe(latin);
});
