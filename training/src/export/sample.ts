import { SPECIAL } from "../data/special.js";
import type { Tokenizer } from "../data/tokenizers.js";
import { Random } from "../random.js";
import type { Alignment, Sample } from "../report/sample.js";
import type { TrainedModel } from "../trainer/extensions.js";
import { type Hypothesis, InferenceModel } from "./greedy.js";
import { inferenceOf } from "./inference-of.js";

const SENTENCES = 6;
/** Pieces of a source sentence that is worth looking at: shorter ones are no test, longer ones make no picture. */
const READABLE = { least: 5, most: 24 };
const LONGEST = 64;

const TEXTS = 2;
const TEXT_LENGTH = 250;
const TEMPERATURE = 0.8;
/** Every validation draws with the same numbers, so that texts differ by what was learned. */
const SAMPLE_SEED = 1;

/** What a model in training says: of the same few validation sentences each time; of a language model, texts it draws. */
export async function sampleModel(model: TrainedModel): Promise<Sample[]> {
  return model.recipe.task === "translation" ? translations(model) : texts(model);
}

async function translations(model: TrainedModel): Promise<Sample[]> {
  const { corpus } = model;
  const { source, target } = corpus.tokenizers;
  const { held } = corpus;
  if (!source || !held) throw new Error("a translation model has validation sentences and a source tokenizer");
  const encoded = held.source.map((text) => [...source.encode(text), SPECIAL.eos]);
  const chosen = readable(encoded);
  const sources = chosen.map((index) => encoded[index]!);
  const hypotheses = await using(model, (inference) =>
    inference.attended(sources, { special: SPECIAL, maxLength: LONGEST }),
  );
  return chosen.map((index, n) => ({
    source: held.source[index]!,
    reference: held.target[index]!,
    text: target.decode(hypotheses[n]!.ids),
    alignment: alignment(hypotheses[n]!, { ids: sources[n]!, source, target }),
  }));
}

async function texts(model: TrainedModel): Promise<Sample[]> {
  const random = new Random(SAMPLE_SEED);
  const drawn = await using(model, (inference) =>
    inference.draw(TEXTS, {
      special: SPECIAL,
      maxLength: TEXT_LENGTH,
      temperature: TEMPERATURE,
      uniform: () => random.uniform(),
    }),
  );
  return drawn.map((ids) => ({ text: model.corpus.tokenizers.target.decode(ids) }));
}

async function using<T>(model: TrainedModel, run: (inference: InferenceModel) => Promise<T>): Promise<T> {
  const { threads } = model.recipe.training;
  const { graphs } = inferenceOf(model, { precision: "fp32" });
  const inference = await InferenceModel.create(graphs, threads === undefined ? {} : { threads });
  try {
    return await run(inference);
  } finally {
    await inference.release();
  }
}

/** Indices of a few sentences of readable length from all over the text; of any length when there are too few of those. */
function readable(encoded: readonly (readonly number[])[]): number[] {
  const all = encoded.map((_, index) => index);
  const inside = all.filter((index) => {
    const pieces = encoded[index]!.length;
    return pieces >= READABLE.least && pieces <= READABLE.most;
  });
  const from = inside.length >= SENTENCES ? inside : all;
  const count = Math.min(SENTENCES, from.length);
  return Array.from({ length: count }, (_, k) => from[Math.floor((k * from.length) / count)]!);
}

function alignment(
  { ids, attention }: Hypothesis,
  from: { ids: readonly number[]; source: Tokenizer; target: Tokenizer },
): Alignment {
  const target = [...ids, SPECIAL.eos].slice(0, attention.length);
  return {
    source: from.ids.map((id) => from.source.piece(id)),
    target: target.map((id) => from.target.piece(id)),
    weights: attention.map((row) => Array.from(row, rounded)),
  };
}

function rounded(weight: number): number {
  return Math.round(weight * 1e4) / 1e4;
}
