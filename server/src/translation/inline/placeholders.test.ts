import { describe, expect, it } from "vitest";
import { Protector } from "./placeholders.js";

const protect = (text: string, languages = { source: "en", target: "ja" }) =>
  new Protector({ text, languages, encode: (t) => t }).protect(text);

describe("placeholders", () => {
  it.each([
    ["Hello {name}, you are {{age}}.", ["{name}", "{{age}}"]],
    ["%1$s has %d of %s (%.2f or %(total)d)", ["%1$s", "%d", "%s", "%.2f", "%(total)d"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how it is written
    ["<0>Save</0> ${it}", ["<0>", "</0>", "${it}"]],
    [
      "See https://example.com/a?b=c&d=(e), or www.example.com/x.",
      ["https://example.com/a?b=c&d=(e)", "www.example.com/x"],
    ],
    ["Set %PATH% or %user.name%, 5% of %d%%, %s%s", ["%PATH%", "%user.name%", "5%", "%d%%", "%s", "%s"]],
    ["See example.com, docs.example.org/a?b=c.", ["example.com", "docs.example.org/a?b=c"]],
    ["(see http://a.b/c_(d)_e.)", ["http://a.b/c_(d)_e"]],
    ["1 %.2f, 5 $1,000", ["%.2f", "$1,000"]],
    ["https://a.b/{id}/{{x}}?a[0]=1, http://a.b/c%{x}", ["https://a.b/{id}/{{x}}?a[0]=1", "http://a.b/c%{x}"]],
    ["本はhttps://example.com/本にあります。", ["https://example.com/本"]],
    ["「http://例え.jp/パス」を見て。https://example.com/aを。", ["http://例え.jp/パス", "https://example.com/a"]],
    ["{n, plural, one {# item} other {# items}} and {a, select, x {{n, plural, one {#}}}}", "both"],
    ["You walked %dkm in %1$smin, %.2f%% of %@all", ["%dkm", "%1$smin", "%.2f%%", "%@"]],
    ["-5 °C, −5 °C or ±5 %; A-5 km", ["-5 °C", "−5 °C", "±5 %", "5 km"]],
    ["5 km/h, 9.8 m/s², 10 MB/s, 1013 hPa", ["5 km/h", "9.8 m/s²", "10 MB/s", "1013 hPa"]],
    ["1 234,50 €, 1\u202f234 km, in 2020 300 km", ["1 234,50 €", "1\u202f234 km", "300 km"]],
    ["5–10 km, 1/2 L, 10 × 20 cm", ["5–10 km", "1/2 L", "10 × 20 cm"]],
    ["US$5, -$6, $7M", ["US$5", "-$6", "$7M"]],
    ["５ｋｍ、－５℃、５０％、10㎡、￥１，０００です", ["５ｋｍ", "－５℃", "５０％", "10㎡", "￥１，０００"]],
    ["Write to jane.doe+x@mail.example.com.", ["jane.doe+x@mail.example.com"]],
    [
      "It is 5 km or 3.1mi, 50% off, 12.5 kg, $1,000, 20 °C, 300 €",
      ["5 km", "50%", "12.5 kg", "$1,000", "20 °C", "300 €"],
    ],
    ["体重は60kgです", ["60kg"]],
    ["100% sure, 5 makes, a {curly, 7 days and 10 meters", ["100%"]],
    ["nothing here: 50 of them at 10:30", []],
  ])("of %s", (text, expected) => {
    const wanted = expected === "both" ? text.split(" and ") : expected;
    expect(protect(text).spans.map((span) => span.instead!.text)).toEqual(wanted);
  });

  it("are sums in figures where they were counted in millions", () => {
    const kept = (text: string, target: string, source = "en") =>
      protect(text, { source, target }).spans.map((span) => span.instead!.text);
    const text = "It made US$13.7 billion, -€2 thousand and ￥５ million.";
    expect(protect(text).text).toBe("It made 30, 2 and 5.");
    expect(kept(text, "ja")).toEqual(["US$13,700,000,000", "-€2,000", "￥5,000,000"]);
    expect(kept(text, "fr")).toEqual(["US$13\u202f700\u202f000\u202f000", "-€2\u202f000", "￥5\u202f000\u202f000"]);
    expect(kept("$1.500,5 million, $5 millions, $2 million.5", "fr")).toEqual([
      "$1.500,5 million",
      "$5",
      "$2\u202f000\u202f000",
    ]);
    expect(kept("$5 million", "fr", "ru")).toEqual(["$5,000,000"]);
  });

  it("have names in their place that are not in the text, and numbers without their unit", () => {
    expect(protect("Tom and {a} gave {b} 5 km.").text).toBe("Tom and Mary gave John 5.");
    expect(protect("{a}は{b}", { source: "ja", target: "en" }).text).toBe("トムはメアリー");
    expect(protect("It is 1 234,5 km, ５～１０ｋｍ").text).toBe("It is 30, 10");
  });

  it("take no longer than their text is long", () => {
    const parts = [
      "{",
      "{a{b",
      "{ {a}",
      "{{a}",
      "111 ",
      "1 x ",
      "1-",
      "0",
      "%0",
      "$",
      "A$",
      "http://",
      "a.b@",
      "a.com",
      "a.com/",
    ];
    for (const part of parts) protect(part.repeat(10_000 / part.length));
    for (const part of ["(a", "{{", "[a]", ".", "あ"]) protect(`http://${part.repeat(9_000 / part.length)}`);
  });

  it("keep what is between them", () => {
    const { text, spans } = protect("I met {who} at {place}.");
    const back = spans.reduceRight((t, s) => t.slice(0, s.start) + s.instead!.text + t.slice(s.end), text);
    expect(back).toBe("I met {who} at {place}.");
  });
});
