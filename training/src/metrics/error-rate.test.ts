import { describe, expect, it } from "vitest";
import { sequenceErrorRate, tokenErrorRate } from "./error-rate.js";

const hypotheses = ["k æ t", "d ɔ ɡ", "", "f ɪ ʃ ə"];
const references = ["k æ t", "d ɑ ɡ", "i", " f  ɪ ʃ "];

describe("error rates", () => {
  it("count the lines that differ, spaces aside", () => {
    expect(sequenceErrorRate({ hypotheses, references })).toEqual({ score: 75, errors: 3, total: 4 });
    expect(sequenceErrorRate({ hypotheses: references, references }).score).toBe(0);
  });

  it("count the tokens that are wrong, too many and too few", () => {
    expect(tokenErrorRate({ hypotheses, references })).toEqual({ score: 30, errors: 3, total: 10 });
    expect(tokenErrorRate({ hypotheses: ["a b c"], references: ["d"] }).score).toBe(300);
  });

  it("want a reference for each hypothesis, and a token in one of them", () => {
    expect(() => sequenceErrorRate({ hypotheses: ["a"], references: [] })).toThrow("one reference for each");
    expect(() => tokenErrorRate({ hypotheses: ["a"], references: [" "] })).toThrow("at least one token");
  });
});
