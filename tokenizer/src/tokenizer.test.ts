import { execFileSync } from "node:child_process";
import { accessSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { SentencePieceProcessor } from "sentencepiece-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normalizeNfkc } from "./charsmap.js";
import { type LearnOptions, learnTokenizer, Tokenizer } from "./index.js";
import { encodeModel, ModelType, PieceType, SPECIAL, SPECIAL_PIECES } from "./model-proto.js";
import { loadProcessor } from "./processor.js";

const fixtures = new URL("../../tests/fixtures/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, fixtures), "utf8");
const linesOf = (language: string) => read(`text/sentences.${language}`).trimEnd().split("\n");
const sentences = [...linesOf("en"), ...linesOf("ja")];

// models and ids made by tests/oracles/sentencepiece.mjs
describe.each(["unigram", "bpe-bytes", "char", "spaces"])(
  "what spm_encode and spm_decode say with model %s",
  (name) => {
    const known = JSON.parse(read(`tokenizer/${name}.json`)) as { text: string; ids: number[]; decoded: string }[];

    test("is what we say", async () => {
      const tokenizer = await Tokenizer.load(fileURLToPath(new URL(`tokenizer/${name}.model`, fixtures)));
      expect(known.length).toBeGreaterThan(200);
      for (const { text, ids, decoded } of known) {
        expect(tokenizer.encode(text), text).toEqual(ids);
        expect(tokenizer.decode(ids), text).toBe(decoded);
      }
    });
  },
);

const spmEncode = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "spm_encode"))
  .find((path) => exists(path));

describe.runIf(spmEncode)("spm_encode, as it runs here", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "carousel-spm-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["unigram", "bpe"] as const)("gives the same ids with a fresh %s model", async (type) => {
    const model = learnTokenizer({ sentences, type, vocabularySize: 1000, byteFallback: true });
    const path = join(folder, `${type}.model`);
    writeFileSync(path, model);
    const input = `${sentences.join("\n")}\n`;
    const theirs = execFileSync(spmEncode!, [`--model=${path}`, "--output_format=id"], { input, encoding: "utf8" });
    const tokenizer = await Tokenizer.load(path);
    expect(sentences.map((text) => tokenizer.encode(text).join(" "))).toEqual(theirs.trimEnd().split("\n"));
  });
});

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

const piecesOf = (tokenizer: Tokenizer, text: string) => tokenizer.encode(text).map((id) => tokenizer.piece(id));
const learn = (options: Partial<LearnOptions>) =>
  Tokenizer.fromBytes(learnTokenizer({ sentences, type: "unigram", vocabularySize: 1000, ...options }));

test.each(["unigram", "bpe"] as const)("%s: decoding gives back the normalized text", async (type) => {
  const tokenizer = await learn({ type, byteFallback: true });
  for (const text of [...sentences, "😀 𠮷野家", "ｶﾞ ①㍿", " a  b\tc ", "", " ", "x\ud800y"]) {
    const wanted = normalizeNfkc(text.replace("\ud800", "\ufffd"));
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(wanted);
  }
});

test("char with identity: the text comes back letter for letter", async () => {
  const text = "Two  spaces,\n\n\ttabs and ﬁ.\r\n ";
  const tokenizer = await learn({ sentences: [text], type: "char", characterCoverage: 1, normalization: "identity" });
  for (const part of [text, " ", "  ", "\n", " a", "a ", "\n a \n"]) {
    expect(tokenizer.decode(tokenizer.encode(part))).toBe(part);
    expect(tokenizer.encode(part).length).toBe(part.length);
  }
  expect(tokenizer.size).toBe(4 + new Set(text).size);
});

describe.each(["nfkc", "identity"] as const)("word with %s", (normalization) => {
  const texts = ["AH0 B AH0 K AH0 S", "I_TURN_LEFT I_WALK AH0", "ﬁ  x "];
  const word = (options: Partial<LearnOptions> = {}) =>
    learn({ sentences: texts, type: "word", vocabularySize: 100, normalization, ...options });

  test("every word is one piece, and the same piece wherever it stands", async () => {
    const tokenizer = await word();
    const fi = normalization === "nfkc" ? "fi" : "ﬁ";
    expect(piecesOf(tokenizer, texts[0]!)).toEqual(texts[0]!.split(" ").map((w) => `▁${w}`));
    for (const text of [texts[0]!, texts[1]!, `S AH0 ${fi}`]) {
      expect(tokenizer.encode(text)).toHaveLength(text.split(" ").length);
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
    expect(tokenizer.decode(tokenizer.encode("  ﬁ   x "))).toBe(`${fi} x`);
    expect(tokenizer.size).toBe(4 + 8);
  });

  test("a word that is not among the most frequent is unknown", async () => {
    const tokenizer = await word({ vocabularySize: 5 });
    expect(tokenizer.encode("AH0 B AH0")).toEqual([4, SPECIAL.unk, 4]);
  });

  test("there is no piece that is less than a word", async () => {
    await expect(async () => word({ vocabularySize: 4 })).rejects.toThrow(/vocabulary of 4 is too small/);
    await expect(async () => word({ userDefinedSymbols: ["B"] })).rejects.toThrow(/no user-defined symbols/);
  });
});

test("user-defined symbols are one piece wherever they stand", async () => {
  const tokenizer = await learn({ userDefinedSymbols: ["<ph1>", "<ph>"] });
  expect(piecesOf(tokenizer, "a<ph>b <ph1>").filter((piece) => piece.startsWith("<"))).toEqual(["<ph>", "<ph1>"]);
  expect(tokenizer.piece(4)).toBe("<ph1>");
});

test.each(["unigram", "bpe", "char"] as const)("%s: a zero byte in the text is no character to learn", async (type) => {
  const model = learnTokenizer({ sentences: ["ab\0 c", "a\0 b c"], type, vocabularySize: 20, characterCoverage: 1 });
  const tokenizer = await Tokenizer.fromBytes(model);
  expect(tokenizer.encode("\0")).toContain(SPECIAL.unk);
  expect(tokenizer.decode(tokenizer.encode("ab c"))).toBe("ab c");
});

test.each(["unigram", "bpe", "char"] as const)("%s: no half of a surrogate pair is a piece", async (type) => {
  const long = "😀".repeat(300);
  const tokenizer = await learn({
    sentences: [long, "a\ud800b\udc00"],
    type,
    vocabularySize: 100,
    characterCoverage: 1,
  });
  const pieces = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.piece(id));
  expect(pieces).toContain("\ufffd");
  expect(pieces.filter((piece) => /\p{Surrogate}/u.test(piece) || /\ufffd./u.test(piece))).toEqual([]);
  expect(tokenizer.decode(tokenizer.encode(long))).toBe(long);
});

test("without byte fallback an unknown character is <unk>", async () => {
  const tokenizer = await learn({});
  expect(tokenizer.encode("😀")).toContain(SPECIAL.unk);
  expect(tokenizer.decode([0, 2, ...tokenizer.encode("The cat"), 3])).toBe("The cat");
});

test.each([
  ["byte fallback", { byteFallback: true }],
  ["identity", { byteFallback: true, normalization: "identity", characterCoverage: 1 }],
] as const)("any ids are decoded as SentencePiece itself decodes them: %s", async (_, options) => {
  const model = learnTokenizer({ sentences, type: "unigram", vocabularySize: 1000, ...options });
  const tokenizer = await Tokenizer.fromBytes(model);
  const sentencePiece = await processorOf(model);
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  const any = () => (random(3) === 0 ? random(tokenizer.size) : 4 + random(256));
  for (let k = 0; k < 2000; k++) {
    const ids = Array.from({ length: 1 + random(9) }, any);
    expect(tokenizer.decode(ids), ids.join(" ")).toBe(sentencePiece.decodeIds(ids));
  }
});

async function processorOf(model: Uint8Array): Promise<SentencePieceProcessor> {
  const folder = mkdtempSync(join(tmpdir(), "carousel-spm-"));
  try {
    const path = join(folder, "tokenizer.model");
    writeFileSync(path, model);
    return await loadProcessor(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a character in bytes is streamed when it is whole", async () => {
  const decoder = (await learn({ byteFallback: true })).streamDecoder();
  const pushed = [0xf0, 0x9f, 0x98, 0x80].map((byte) => decoder.push(4 + byte));
  expect([...pushed, decoder.end()]).toEqual(["", "", "", "😀", ""]);
});

test("tokenizers work in a worker thread, and leave no crash handlers behind", async () => {
  const before = process.listenerCount("uncaughtException");
  const model = new URL("tokenizer/unigram.model", fixtures);
  const code = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(new URL("./index.js", import.meta.url).href)}).then(async ({ Tokenizer }) => {
      const tokenizer = await Tokenizer.load(${JSON.stringify(fileURLToPath(model))});
      parentPort.postMessage(tokenizer.encode("The cat"));
    });`;
  const worker = new Worker(code, { eval: true });
  const [theirs, ...ours] = await Promise.all([
    new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)),
    ...Array.from({ length: 12 }, () => Tokenizer.load(fileURLToPath(model))),
  ]);
  await worker.terminate();
  for (const tokenizer of ours) expect(tokenizer.encode("The cat")).toEqual(theirs);
  expect(process.listenerCount("uncaughtException")).toBe(before);
});

describe("what is wrong is said", () => {
  test("about files", async () => {
    await expect(Tokenizer.load("no/such.model")).rejects.toThrow("cannot read the tokenizer no/such.model");
    await expect(Tokenizer.fromBytes(new TextEncoder().encode("hello"))).rejects.toThrow("not a SentencePiece model");
    await expect(Tokenizer.fromBytes(new Uint8Array())).rejects.toThrow("holds no pieces");
    const model = readFileSync(new URL("tokenizer/unigram.model", fixtures));
    await expect(Tokenizer.fromBytes(model.subarray(0, 5000))).rejects.toThrow("not a SentencePiece model");
    // without its first piece every id is off by one
    await expect(Tokenizer.fromBytes(model.subarray(2 + model[1]!))).rejects.toThrow(
      "<unk> as piece 0; it must be <pad>",
    );
  });

  test("about a model that SentencePiece does not take", async () => {
    const pieces = [...SPECIAL_PIECES, ...["a", "\0"].map((piece) => ({ piece, score: 0, type: PieceType.normal }))];
    const normalizer = {
      name: "identity",
      charsmap: new Uint8Array(),
      addDummyPrefix: false,
      removeExtraWhitespaces: false,
    };
    const model = encodeModel({
      pieces,
      modelType: ModelType.unigram,
      byteFallback: false,
      characterCoverage: 1,
      userDefinedSymbols: [],
      normalizer,
    });
    await expect(Tokenizer.fromBytes(model)).rejects.toThrow(/^SentencePiece cannot read the model /);
  });

  test("about ids", async () => {
    const tokenizer = await learn({});
    expect(() => tokenizer.piece(100_000)).toThrow(`ids go from 0 to ${tokenizer.size - 1}`);
    expect(() => tokenizer.decode([-1])).toThrow("there is no piece -1");
  });

  test("about learning", async () => {
    await expect(async () => learn({ sentences: [" "] })).rejects.toThrow("there is no text");
    await expect(async () => learn({ vocabularySize: 50 })).rejects.toThrow("a vocabulary of 50 is too small");
    await expect(async () => learn({ userDefinedSymbols: ["x", "x"] })).rejects.toThrow('"x" cannot be');
    await expect(async () => learn({ userDefinedSymbols: ["<s>"] })).rejects.toThrow('"<s>" cannot be');
  });
});
