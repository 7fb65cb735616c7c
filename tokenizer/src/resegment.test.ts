import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type LearnOptions, learnTokenizer, Tokenizer, TokenizerError } from "./index.js";
import { type Piece, PieceType } from "./model-proto.js";
import { unigramSampling } from "./unigram-sampling.js";

const fixtures = new URL("../../tests/fixtures/", import.meta.url);
const linesOf = (language: string) =>
  readFileSync(new URL(`text/sentences.${language}`, fixtures), "utf8")
    .trimEnd()
    .split("\n");
const sentences = [...linesOf("en"), ...linesOf("ja")];

const learn = (options: Partial<LearnOptions>) =>
  Tokenizer.fromBytes(
    learnTokenizer({ sentences, type: "bpe", vocabularySize: 1000, normalization: "identity", ...options }),
  );

/** Numbers in [0, 1) that repeat by their seed (Park & Miller 1988). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state - 1) / 2147483646;
  };
}

// unknown characters, bytes and symbols among the rest
const hard = ["x\u{1f600}y z", "<sep>the<sep> the", "犬と\u{20bb7}"];

test("BPE without dropout is the segmentation of SentencePiece", async () => {
  for (const byteFallback of [false, true]) {
    const tokenizer = await learn({ byteFallback, userDefinedSymbols: ["<sep>"] });
    const draw = tokenizer.dropout(0);
    for (const text of [...sentences, ...hard]) {
      const ids = tokenizer.encode(text);
      expect(draw(ids, numbers(1)), text).toEqual(ids);
    }
  }
});

test("BPE with dropout 1 is the characters", async () => {
  const tokenizer = await learn({});
  const ids = tokenizer.dropout(1)(tokenizer.encode(sentences[0]!), numbers(1));
  expect(ids.map((id) => tokenizer.piece(id))).toEqual(Array.from(sentences[0]!.replaceAll(" ", "▁")));
});

test.each(["bpe", "unigram"] as const)(
  "%s: a drawn segmentation is of the same text, and repeats by its numbers",
  async (type) => {
    const tokenizer = await learn({ type, byteFallback: true, userDefinedSymbols: ["<sep>"] });
    const draw = type === "bpe" ? tokenizer.dropout(0.1) : tokenizer.sampling(0.2);
    let [changed, longer] = [0, 0];
    for (const text of [...sentences, ...hard]) {
      const ids = tokenizer.encode(text);
      const drawn = draw(ids, numbers(7));
      expect(tokenizer.decode(drawn)).toBe(tokenizer.decode(ids));
      expect(draw(ids, numbers(7))).toEqual(drawn);
      if (drawn.join() !== ids.join()) changed++;
      longer += drawn.length / ids.length / (sentences.length + hard.length);
    }
    expect(changed).toBeGreaterThan(sentences.length / 2);
    expect(longer).toBeGreaterThan(1.05);
  },
);

test("unigram segmentations come as often as their probability says", () => {
  const normal = (piece: string, p: number): Piece => ({ piece, score: Math.log(p), type: PieceType.normal });
  const pieces = [
    normal("abc", 0.1),
    normal("ab", 0.2),
    normal("c", 0.3),
    normal("a", 0.15),
    normal("bc", 0.05),
    normal("b", 0.2),
  ];
  const alpha = 0.5;
  const weights = new Map([
    ["abc", 0.1 ** alpha],
    ["ab c", (0.2 * 0.3) ** alpha],
    ["a bc", (0.15 * 0.05) ** alpha],
    ["a b c", (0.15 * 0.2 * 0.3) ** alpha],
  ]);
  const total = [...weights.values()].reduce((a, b) => a + b, 0);
  const draw = unigramSampling(pieces, { alpha });
  const random = numbers(3);
  const counts = new Map<string, number>();
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    const key = draw([0], random)
      .map((id) => pieces[id]!.piece)
      .join(" ");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([...weights.keys()].sort());
  // four standard deviations of a share of one half
  for (const [key, weight] of weights) expect(Math.abs(counts.get(key)! / draws - weight / total)).toBeLessThan(0.015);
});

test("a model of another kind is an error", async () => {
  const [bpe, unigram] = [await learn({}), await learn({ type: "unigram" })];
  expect([bpe.type, unigram.type]).toEqual(["bpe", "unigram"]);
  expect(() => unigram.dropout(0.1)).toThrow("dropout needs a bpe model, this is a unigram model");
  expect(() => bpe.sampling(0.1)).toThrow(TokenizerError);
});
