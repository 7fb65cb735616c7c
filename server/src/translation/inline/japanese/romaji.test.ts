import { expect, it } from "vitest";
import { romaji } from "./romaji.js";

it.each([
  ["シツ", "shitsu"],
  ["サトウ", "sato"],
  ["コーヒー", "kohi"],
  ["シンイチ", "shinichi"],
  ["キョウコ", "kyoko"],
  ["ジュンヤ", "junya"],
  ["イッポン", "ippon"],
  ["マッチ", "matchi"],
  ["フィッシャー", "fissha"],
  ["ティム", "timu"],
  ["デュポン", "dyupon"],
  ["ヴァイオリン", "vaiorin"],
  ["ウィリアム", "wiriamu"],
  ["ツェッペリン", "tsepperin"],
  ["クァンタ", "kwanta"],
  ["シェイン", "shein"],
  ["トゥール", "turu"],
  ["アッ", "a"],
])("%s is %s", (katakana, latin) => {
  expect(romaji(katakana)).toBe(latin);
});
