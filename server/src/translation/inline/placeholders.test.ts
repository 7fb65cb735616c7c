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
    ["(see http://a.b/c_(d)_e.)", ["http://a.b/c_(d)_e"]],
    ["1 %.2f, 5 $1,000", ["%.2f", "$1,000"]],
    ["本はhttps://example.com/本にあります。", ["https://example.com/本にあります"]],
    ["Write to jane.doe+x@mail.example.com.", ["jane.doe+x@mail.example.com"]],
    [
      "It is 5 km or 3.1mi, 50% off, 12.5 kg, $1,000, 20 °C, 300 €",
      ["5 km", "50%", "12.5 kg", "$1,000", "20 °C", "300 €"],
    ],
    ["体重は60kgです", ["60kg"]],
    ["100% sure, 5 makes, a {curly, 7 days and 10 meters", ["100%"]],
    ["nothing here: 50 of them at 10:30", []],
  ])("of %s", (text, expected) => {
    expect(protect(text).spans.map((span) => span.instead!.text)).toEqual(expected);
  });

  it("have names in their place that are not in the text, and numbers without their unit", () => {
    expect(protect("Tom and {a} gave {b} 5 km.").text).toBe("Tom and Mary gave John 5.");
    expect(protect("{a}は{b}", { source: "ja", target: "en" }).text).toBe("トムはメアリー");
  });

  it("keep what is between them", () => {
    const { text, spans } = protect("I met {who} at {place}.");
    const back = spans.reduceRight((t, s) => t.slice(0, s.start) + s.instead!.text + t.slice(s.end), text);
    expect(back).toBe("I met {who} at {place}.");
  });
});
