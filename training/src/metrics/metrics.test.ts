import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  BLEU_TOKENIZERS,
  type BleuScore,
  type BleuTokenizer,
  bleuTokenizerOf,
  corpusBleu,
  sentenceBleu,
} from "./bleu.js";
import { corpusChrf } from "./chrf.js";
import { bitsPerCharacter, perplexity } from "./perplexity.js";

interface Case {
  readonly name: string;
  readonly hypotheses: string[];
  readonly references: string[];
  readonly bleu: Record<BleuTokenizer, BleuScore & { readonly sentences: number[]; readonly addOne: number[] }>;
  readonly chrf: Record<"0" | "2", { readonly score: number; readonly signature: string }>;
}

// made by tests/oracles/sacrebleu.py
const path = new URL("../../../tests/fixtures/sacrebleu.json", import.meta.url);
const { cases, sacrebleu } = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[]; sacrebleu: string };

describe.each(cases)("sacreBLEU's numbers: $name", ({ hypotheses, references, bleu, chrf }) => {
  test.each(BLEU_TOKENIZERS)("BLEU, tokenizer %s", (tokenizer) => {
    const ours = corpusBleu({ hypotheses, references, tokenizer });
    const theirs = bleu[tokenizer];
    expect(ours.score).toBeCloseTo(theirs.score, 4);
    expect(ours.brevityPenalty).toBeCloseTo(theirs.brevityPenalty, 6);
    expect(ours.hypothesisLength).toBe(theirs.hypothesisLength);
    expect(ours.referenceLength).toBe(theirs.referenceLength);
    for (const [k, precision] of theirs.precisions.entries()) expect(ours.precisions[k]).toBeCloseTo(precision, 4);
    expect(withoutVersion(ours.signature)).toBe(withoutVersion(theirs.signature));
  });

  test.each(BLEU_TOKENIZERS)("BLEU of sentences, tokenizer %s", (tokenizer) => {
    hypotheses.forEach((hypothesis, k) => {
      const ours = sentenceBleu({ hypothesis, reference: references[k]!, tokenizer });
      expect(ours.score, hypothesis).toBeCloseTo(bleu[tokenizer].sentences[k]!, 4);
    });
  });

  test.each(BLEU_TOKENIZERS)("BLEU+1 of sentences, tokenizer %s", (tokenizer) => {
    hypotheses.forEach((hypothesis, k) => {
      const ours = sentenceBleu({ hypothesis, reference: references[k]!, tokenizer, smoothing: "add-one" });
      expect(ours.score, hypothesis).toBeCloseTo(bleu[tokenizer].addOne[k]!, 4);
    });
  });

  test.each(["0", "2"] as const)("chrF, word order %s", (order) => {
    const ours = corpusChrf({ hypotheses, references, wordOrder: Number(order) });
    expect(ours.score).toBeCloseTo(chrf[order].score, 4);
    expect(withoutVersion(ours.signature)).toBe(withoutVersion(chrf[order].signature));
  });
});

function withoutVersion(signature: string): string {
  return signature.replace(/\|version:.*$/, "");
}

test("a signature does not pass for one of sacreBLEU's", () => {
  expect(corpusBleu({ hypotheses: ["a"], references: ["a"] }).signature).not.toContain(`version:${sacrebleu}`);
});

test("as many references as hypotheses", () => {
  const message = "there are 1 hypotheses and 2 references; there must be one reference for each";
  expect(() => corpusBleu({ hypotheses: ["a"], references: ["a", "b"] })).toThrow(message);
  expect(() => corpusChrf({ hypotheses: ["a"], references: ["a", "b"] })).toThrow(message);
  expect(() => corpusBleu({ hypotheses: [], references: [] })).toThrow("no hypotheses");
});

test("languages written without spaces are compared by characters", () => {
  expect(["ja", "ja-JP", "zh-Hant", "en", "de", "jam"].map(bleuTokenizerOf)).toEqual([
    "char",
    "char",
    "char",
    "13a",
    "13a",
    "13a",
  ]);
});

test("perplexity of a uniform guess among ten is ten", () => {
  expect(perplexity({ nats: 7 * Math.log(10), tokens: 7 })).toBeCloseTo(10, 9);
  expect(bitsPerCharacter({ nats: 7 * Math.log(16), characters: 14 })).toBeCloseTo(2, 9);
  expect(() => perplexity({ nats: 0, tokens: 0 })).toThrow("at least one token");
  expect(() => bitsPerCharacter({ nats: 0, characters: 0 })).toThrow("at least one character");
});
