// Writes fixtures/tokenizer/: models that @carousel/tokenizer learned from fixtures/text, and the ids that the reference
// program spm_encode gives with them. Run after a build, with spm_encode (Debian: sentencepiece) on PATH:
//   node tests/oracles/sentencepiece.mjs
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { learnTokenizer } from "@carousel/tokenizer";

const fixtures = new URL("../fixtures/", import.meta.url);
const lines = ["en", "ja"].flatMap((language) =>
  readFileSync(new URL(`text/sentences.${language}`, fixtures), "utf8")
    .trimEnd()
    .split("\n"),
);
const folder = new URL("tokenizer/", fixtures);
mkdirSync(folder, { recursive: true });

const common = { sentences: lines, vocabularySize: 1200 };
const models = {
  unigram: { ...common, type: "unigram", userDefinedSymbols: ["<ph>"] },
  "bpe-bytes": { ...common, type: "bpe", characterCoverage: 0.99, byteFallback: true },
  char: { ...common, type: "char", characterCoverage: 1, normalization: "identity" },
};
const hard = [
  "  two  spaces\tand a tab ",
  "ｶﾞｷﾞｸﾞ ①㍿ ﬁne",
  "cafe\u0301 \u3042\u3099",
  "😀𠮷 unknown",
  "a <ph> b<ph>c",
  "東京　大阪",
];
const texts = [...lines, ...hard];

for (const [name, options] of Object.entries(models)) {
  const path = fileURLToPath(new URL(`${name}.model`, folder));
  writeFileSync(path, learnTokenizer(options));
  const run = (format) =>
    execFileSync("spm_encode", [`--model=${path}`, `--output_format=${format}`], {
      input: `${texts.join("\n")}\n`,
      encoding: "utf8",
    });
  const ids = run("id").replace(/\n$/, "").split("\n");
  const sentences = texts.map((text, k) => ({ text, ids: ids[k].split(" ").filter(Boolean).map(Number) }));
  const rows = sentences.map((sentence) => `  ${JSON.stringify(sentence)}`).join(",\n");
  writeFileSync(new URL(`${name}.json`, folder), `[\n${rows}\n]\n`);
}
