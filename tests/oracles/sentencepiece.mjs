// Writes fixtures/tokenizer/: models that @carousel/tokenizer and spm_train learned from fixtures/text, the ids that the
// reference program spm_encode gives with them, and the text that spm_decode makes of those. Run after a build, with all
// three (Debian: sentencepiece) on PATH:
//   node tests/oracles/sentencepiece.mjs
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
const pathOf = (name) => fileURLToPath(new URL(name, folder));

const common = { sentences: lines, vocabularySize: 1200 };
const models = {
  unigram: { ...common, type: "unigram", userDefinedSymbols: ["<ph>"] },
  "bpe-bytes": { ...common, type: "bpe", characterCoverage: 0.99, byteFallback: true },
  char: { ...common, type: "char", characterCoverage: 1, normalization: "identity" },
};
for (const [name, options] of Object.entries(models)) writeFileSync(pathOf(`${name}.model`), learnTokenizer(options));

// a model of another maker: it keeps all spaces but the one that it puts in front, and has its own sign for what is unknown
const settings = [
  // paths are kept in the model
  ...["--input=../text/sentences.en,../text/sentences.ja", "--model_prefix=spaces"],
  ...["--model_type=bpe", "--vocab_size=600", "--character_coverage=0.98", "--normalization_rule_name=identity"],
  ...["--remove_extra_whitespaces=false", "--unk_surface=[?]"],
  ...["--pad_id=0", "--unk_id=1", "--bos_id=2", "--eos_id=3", "--minloglevel=1"],
];
execFileSync("spm_train", settings, { cwd: fileURLToPath(folder) });
rmSync(pathOf("spaces.vocab"));

const hard = [
  "  two  spaces\tand a tab ",
  "ｶﾞｷﾞｸﾞ ①㍿ ﬁne",
  "cafe\u0301 \u3042\u3099",
  "😀𠮷 unknown",
  "a <ph> b<ph>c",
  "東京　大阪",
];
const texts = [...lines, ...hard];

for (const name of [...Object.keys(models), "spaces"]) {
  const run = (program, input, flag) =>
    execFileSync(program, [`--model=${pathOf(`${name}.model`)}`, flag], { input, encoding: "utf8" });
  const encoded = run("spm_encode", `${texts.join("\n")}\n`, "--output_format=id");
  const decoded = run("spm_decode", encoded, "--input_format=id").replace(/\n$/, "").split("\n");
  const ids = encoded.replace(/\n$/, "").split("\n");
  const sentences = texts.map((text, k) => ({
    text,
    ids: ids[k].split(" ").filter(Boolean).map(Number),
    decoded: decoded[k],
  }));
  const rows = sentences.map((sentence) => `  ${JSON.stringify(sentence)}`).join(",\n");
  writeFileSync(new URL(`${name}.json`, folder), `[\n${rows}\n]\n`);
}
