// Translates with the same random network in Carousel and in PyTorch, in turn, and compares tokens and speed.
// The table goes to stderr, JSON to stdout.
// node decode.mjs [--rounds 3] [--batch 1,64] [--beam 1,4] [--length 25] [--threads 2] [--precision fp32|int8] [--python FILE]
// --precision is Carousel's: PyTorch always computes in fp32, and only with fp32 must the tokens be the same.
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { searchOptions } from "@carousel/server/gateway/validate";
import { LocalModel } from "@carousel/server/local";
import { benchDecode } from "@carousel/server/worker/bench";
import { Tokenizer } from "@carousel/tokenizer";
import { median, quantizeBundle, randomBundleWord, SHAPES, writeRandomBundle } from "@carousel/training";
import { documentOf, inTemporaryFolder, KEEP_FREED_MEMORY, pythonOption, script } from "./peers.mjs";
import { wholeNumber } from "./whole-number.mjs";

const EOS = 3;
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    runs: { type: "string", default: "3" },
    batch: { type: "string", default: "1,64" },
    beam: { type: "string", default: "1,4" },
    length: { type: "string", default: "25" },
    threads: { type: "string", default: String(availableParallelism()) },
    precision: { type: "string", default: "fp32" },
    python: pythonOption,
  },
});
const PRECISIONS = ["fp32", "int8"];
if (!PRECISIONS.includes(values.precision)) {
  throw new Error(`--precision is ${values.precision}; ${PRECISIONS.join(" and ")} are allowed`);
}
const count = (name) => wholeNumber(name, values[name], { min: 1 });
const [rounds, runs, length, threads] = ["rounds", "runs", "length", "threads"].map(count);
const list = (name) => values[name].split(",").map((text) => wholeNumber(name, text, { min: 1 }));
const [batches, beams] = [list("batch"), list("beam")];

await inTemporaryFolder(async (folder) => {
  const bundle = join(folder, "standard");
  await writeRandomBundle({ folder: bundle, name: "standard", config: SHAPES.standard });
  const ours = values.precision === "fp32" ? bundle : join(folder, "int8");
  if (ours !== bundle) await quantizeBundle({ folder: bundle, out: ours });
  const texts = Array.from({ length: 64 }, (_, n) => ({
    text: Array.from({ length: length - 1 }, (_, k) => randomBundleWord((n * 31 + k * 17) % 4000)).join(" "),
    options: searchOptions({ maxLength: length, allowLoops: true }),
  }));
  const sources = join(folder, "sources.json");
  const tokenizer = await Tokenizer.load(join(bundle, "source.model"));
  await writeFile(sources, JSON.stringify(texts.map(({ text }) => [...tokenizer.encode(text), EOS])));
  const pytorch = () =>
    documentOf(
      values.python,
      [
        script("decode.py"),
        ...["--bundle", bundle, "--sources", sources, "--length", String(length), "--threads", String(threads)],
        ...["--batch", values.batch, "--beam", values.beam, "--runs", String(runs)],
      ],
      { OMP_NUM_THREADS: String(threads), ...KEEP_FREED_MEMORY },
    );
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    const carousel = await benchDecode({ folder: ours, texts, batches, beams, runs, cores: threads });
    measured.push({ carousel, pytorch: await pytorch() });
  }
  if (ours === bundle) await requireSameTokens(bundle, texts, measured[0].pytorch.rows);
  const rows = measured[0].carousel.map(({ batch, beam }, k) => {
    const of = (peer) => median(measured.map((m) => peer(m)[k].tokensPerSecond));
    const [carousel, pytorch] = [of((m) => m.carousel), of((m) => m.pytorch.rows)];
    return { batch, beam, carousel, pytorch, ratio: carousel / pytorch };
  });
  for (const { batch, beam, carousel, pytorch: theirs, ratio } of rows) {
    console.error(
      `batch ${batch} beam ${beam}: Carousel ${carousel.toFixed(0)} tokens/s, PyTorch ${theirs.toFixed(0)}: ${ratio.toFixed(2)} ×`,
    );
  }
  console.log(
    JSON.stringify(
      { threads, length, precision: values.precision, version: measured[0].pytorch.version, rows },
      null,
      2,
    ),
  );
});

/** Both read the same sentences: the first translations must be the same, token for token. */
async function requireSameTokens(bundle, texts, rows) {
  const target = await Tokenizer.load(join(bundle, "target.model"));
  const model = await LocalModel.open(bundle);
  for (const { batch, beam, tokens } of rows) {
    let n = 0;
    for await (const { hypotheses } of model.translate(
      texts.slice(0, tokens.length).map(({ text }) => text),
      searchOptions({ maxLength: length, beamSize: beam, allowLoops: true }),
    )) {
      const theirs = target.decode(tokens[n]);
      if (hypotheses[0].text !== theirs) {
        throw new Error(
          `batch ${batch} beam ${beam}, sentence ${n}: Carousel says "${hypotheses[0].text}", PyTorch "${theirs}"`,
        );
      }
      n++;
    }
  }
  await model.close();
}
