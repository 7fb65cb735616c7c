import { describe, expect, it } from "vitest";
import { BundleError, decodeLexicon, encodeLexicon } from "./index.js";

const lexicon = { common: [3, 4, 200, 40_000], translations: [[], [5], [3, 131, 39_999], []] };
const vocabulary = { source: 4, target: 40_001 };

describe("a lexicon", () => {
  it("is read back as it was written, in a byte for each small step", () => {
    const bytes = encodeLexicon(lexicon);
    expect(decodeLexicon(bytes, vocabulary)).toEqual(lexicon);
    expect(encodeLexicon({ common: [1, 2, 3], translations: [[100]] })).toEqual(Uint8Array.of(3, 1, 1, 1, 1, 100));
  });

  it("is refused when it is cut short, or of other vocabularies", () => {
    const bytes = encodeLexicon(lexicon);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeLexicon(bytes.subarray(0, end), vocabulary)).toThrow(BundleError);
    }
    expect(() => decodeLexicon(bytes, { ...vocabulary, target: 40_000 })).toThrow(
      "the shortlist names token 40000; the vocabulary has 40000",
    );
    expect(() => decodeLexicon(bytes, { ...vocabulary, source: 3 })).toThrow("more words than the 3");
  });
});
