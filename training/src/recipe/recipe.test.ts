import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { loadRecipe, parseRecipe, RecipeError, recipeSchema } from "./index.js";

const RECIPES = fileURLToPath(new URL("../../recipes/", import.meta.url));

const MINIMAL = `
name: tiny
task: translation
data:
  folder: somewhere
  source: { language: ja, train: train.ja, valid: valid.ja }
  target: { language: en, train: train.en, valid: valid.en }
tokenizer: { type: unigram, vocabularySize: 100 }
model: { embedding: 8, encoder: { hidden: 8 }, decoder: { hidden: 16 } }
training: { learningRate: 0.01, batchTokens: 100, maxEpochs: 2, validateEvery: 10 }
`;

const error = (text: string, set: string[] = []) => {
  try {
    parseRecipe(text, { set, name: "r.yaml" });
  } catch (e) {
    expect(e).toBeInstanceOf(RecipeError);
    return (e as Error).message;
  }
  throw new Error("the recipe was accepted");
};

describe("recipes", () => {
  it("fills in defaults", () => {
    const recipe = parseRecipe(MINIMAL);
    expect(recipe.training).toMatchObject({
      optimizer: { kind: "adam", beta1: 0.9 },
      schedule: { kind: "constant" },
      clipNorm: 1,
      metric: "perplexity",
    });
    expect(recipe.model).toMatchObject({
      cell: "lstm",
      attention: "general",
      encoder: { layers: 1, bidirectional: true },
    });
    expect(recipe.export.precision).toBe("fp16");
  });

  it("names an unknown key", () => {
    expect(error(`${MINIMAL}speed: 3`)).toBe(
      "r.yaml: speed: is not known; known are task, name, from, tokenizer, training, export, data, model",
    );
    expect(error(MINIMAL.replace("encoder: { hidden: 8 }", "encoder: { hidden: 8, layer: 2 }"))).toBe(
      "r.yaml: model.encoder.layer: is not known; did you mean layers?",
    );
  });

  it("takes one file for both sides when there is a pattern", () => {
    const same = ["data.target.train=train.ja", "data.target.valid=valid.ja"];
    const pattern = "data.pattern='^(.*)\\t(.*)$'";
    expect(parseRecipe(MINIMAL, { set: [...same, pattern] }).data).toMatchObject({ pattern: "^(.*)\\t(.*)$" });
    expect(error(MINIMAL, [pattern])).toMatch(/data.target.train: must be the same file as source.train/);
    expect(error(MINIMAL, [...same, "data.source.test=s", "data.target.test=t", pattern])).toMatch(
      /data.target.test: must be the same file/,
    );
    expect(error(MINIMAL, [...same, "data.pattern=(.*)"])).toMatch(/data.pattern: must have two groups/);
    expect(error(MINIMAL, [...same, "data.pattern=(?<a>.)(?<b>.)"])).toMatch(/data.pattern: must have two groups/);
    expect(error(MINIMAL, [...same, "data.pattern=(.*)((.*)"])).toMatch(/data.pattern: Invalid regular expression/);
  });

  it("wants a test split on both sides or on neither", () => {
    expect(error(MINIMAL, ["data.source.test=t"])).toMatch(/data.target.test: must be given for both sides/);
    expect(error(MINIMAL, ["data.target.test=t"])).toMatch(/data.source.test: must be given for both sides/);
  });

  it("takes another tokenizer for one side", () => {
    const { tokenizer } = parseRecipe(MINIMAL, { set: ["tokenizer.target={ type: word }"] });
    expect(tokenizer).toMatchObject({ type: "unigram", byteFallback: false, target: { type: "word" } });
    expect(tokenizer.target).toEqual({ type: "word" });
    expect(error(MINIMAL, ["tokenizer.target={ type: word }", "tokenizer.shared=true"])).toMatch(
      /tokenizer: source and target cannot differ/,
    );
  });

  it("draws segmentations only with tokenizers that can", () => {
    const bpe = ["tokenizer.type=bpe", "tokenizer.dropout=0.1"];
    expect(parseRecipe(MINIMAL, { set: bpe }).tokenizer.dropout).toBe(0.1);
    expect(parseRecipe(MINIMAL, { set: ["tokenizer.samplingAlpha=0.2"] }).tokenizer.samplingAlpha).toBe(0.2);
    expect(error(MINIMAL, ["tokenizer.dropout=0.1"])).toMatch(
      /tokenizer.dropout: is for bpe, the source tokenizer is unigram/,
    );
    expect(error(MINIMAL, [...bpe, "tokenizer.target.type=char"])).toMatch(
      /tokenizer.target.dropout: is for bpe, the target tokenizer is char/,
    );
    expect(error(MINIMAL, ["tokenizer.type=bpe", "tokenizer.samplingAlpha=0.2"])).toMatch(
      /samplingAlpha: is for unigram/,
    );
  });

  it("knows adamw, and averages in one way only", () => {
    const { optimizer } = parseRecipe(MINIMAL, { set: ["training.optimizer.kind=adamw"] }).training;
    expect(optimizer).toEqual({ kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 });
    expect(parseRecipe(MINIMAL).training.optimizer).toMatchObject({ kind: "adam", weightDecay: 0 });
    expect(error(MINIMAL, ["training.ema=0.99", "training.ntAsgd=5"])).toMatch(/training.ntAsgd: excludes ema/);
  });

  it("names a wrong or missing value", () => {
    expect(error(MINIMAL, ["training.learningRate=fast"])).toMatch(/^r.yaml: training.learningRate: .*number/);
    expect(error(MINIMAL, ["model.dropout=1.5"])).toMatch(/^r.yaml: model.dropout: /);
    expect(error(MINIMAL, ["model.attention=flash"])).toBe(
      'r.yaml: model.attention: is "flash"; it must be one of dot, general, additive',
    );
    expect(error(MINIMAL.replace("embedding: 8,", ""))).toBe(
      "r.yaml: model.embedding: is missing; it must be a number",
    );
    expect(error(MINIMAL, ["training.schedule.kind=zigzag"])).toBe(
      'r.yaml: training.schedule.kind: is "zigzag"; it must be one of constant, inverse-sqrt, plateau, cosine, linear',
    );
    expect(error(MINIMAL, ["task=poetry"])).toMatch(/^r.yaml: task: /);
    expect(error(MINIMAL, ["name=My Model"])).toMatch(/^r.yaml: name: must be of a-z/);
    expect(error(MINIMAL, ["model.dropout={ inptu: 0.1 }"])).toBe(
      "r.yaml: model.dropout.inptu: is not known; known are input, hidden, output, embedding, recurrent, mask",
    );
    expect(error(MINIMAL, ["model.dropout=high"])).toMatch(
      /model.dropout: must be a rate, or rates by what is dropped/,
    );
    expect(error(MINIMAL, ["training.threads=100000"])).toMatch(/^r.yaml: training.threads: .*1024/);
  });

  it("wants an end of training, and of a decay", () => {
    expect(error(MINIMAL.replace("maxEpochs: 2, ", ""))).toMatch(/one of maxEpochs, maxSteps, maxMinutes/);
    const byTime = MINIMAL.replace("maxEpochs: 2", "maxMinutes: 2, schedule: { kind: cosine }");
    expect(error(byTime)).toMatch(/training.schedule.steps/);
    expect(error(MINIMAL, ["training.maxEpochs=0"])).toBe("r.yaml: training.maxEpochs: is 0; it must be at least 1");
    expect(parseRecipe(byTime, { set: ["training.schedule.steps=50"] }).training.schedule).toMatchObject({ steps: 50 });
  });

  it("knows what applies to which kind of model", () => {
    const ctc = MINIMAL.replace(
      /^model: .*$/m,
      "model: { kind: ctc, embedding: 8, encoder: { hidden: 8 }, upsample: 3 }",
    );
    expect(parseRecipe(MINIMAL).model).toMatchObject({ kind: "attention" });
    expect(parseRecipe(ctc).model).toMatchObject({ kind: "ctc", upsample: 3, layersAfter: 0, encoder: { layers: 1 } });
    expect(error(ctc, ["model.attention=dot"])).toMatch(
      /^r.yaml: model.attention: is not known; known are kind, cell, /,
    );
    expect(error(ctc, ["model.decoder.hidden=3"])).toMatch(/^r.yaml: model.decoder: is not known/);
    expect(error(MINIMAL, ["model.upsample=2"])).toMatch(/^r.yaml: model.upsample: is not known/);
    expect(error(MINIMAL, ["model.kind=transducer"])).toMatch(/^r.yaml: model.kind: .*/);
    expect(error(ctc, ["training.labelSmoothing=0.1"])).toBe(
      "r.yaml: training.labelSmoothing: does not apply to model.kind ctc; leave it out",
    );
    expect(error(MINIMAL, ["model=small"])).toMatch(/^r.yaml: model: /);
  });

  it("ties the embeddings of a language model only where they fit", () => {
    const generation = `
name: lines
task: generation
data: { folder: somewhere, language: en, train: text, valid: 0.1, windowLength: 8 }
tokenizer: { type: char, vocabularySize: 100 }
model: { embedding: 8, decoder: { hidden: 16 }, tieEmbeddings: true }
training: { learningRate: 0.01, batchTokens: 100, maxEpochs: 2, validateEvery: 10 }
`;
    expect(error(generation)).toMatch(/^r.yaml: model.tieEmbeddings: wants model.embedding to be as large as /);
    expect(parseRecipe(generation, { set: ["model.embedding=16"] }).model).toMatchObject({ tieEmbeddings: true });
    expect(parseRecipe(MINIMAL, { set: ["model.tieEmbeddings=true"] }).model).toMatchObject({ tieEmbeddings: true });
  });

  it("takes dot attention only where it fits", () => {
    const dot = ["model.attention=dot", "model.encoder.hidden=8", "model.decoder.hidden=8"];
    expect(error(MINIMAL, dot)).toMatch(/^r.yaml: model.attention: dot wants model.decoder.hidden to be as large as /);
    expect(parseRecipe(MINIMAL, { set: [...dot, "model.encoder.bidirectional=false"] }).task).toBe("translation");
  });

  it("knows which objectives apply to what", () => {
    const ctc = MINIMAL.replace(/^model: .*$/m, "model: { kind: ctc, embedding: 8, encoder: { hidden: 8 } }");
    const risk = "training.objective={ kind: minimum-risk }";
    expect(parseRecipe(MINIMAL).training.objective).toEqual({ kind: "cross-entropy" });
    expect(parseRecipe(MINIMAL, { set: [risk] }).training.objective).toEqual({
      kind: "minimum-risk",
      metric: "bleu",
      samples: 8,
      temperature: 1,
      sharpness: 0.005,
      crossEntropyWeight: 0,
    });
    expect(error(MINIMAL, ["training.objective={ kind: minimum-risk, samples: 1 }"])).toMatch(
      /training.objective.samples/,
    );
    expect(error(MINIMAL, ["training.objective={ kind: self-critical, sharpness: 1 }"])).toBe(
      "r.yaml: training.objective.sharpness: is not known; known are kind, metric, temperature, crossEntropyWeight, samples",
    );
    expect(error(ctc, [risk])).toMatch(/training.objective: on a metric is for translation with model.kind attention/);
    expect(error(MINIMAL, [risk, "training.labelSmoothing=0.1"])).toMatch(/labelSmoothing: is for the objective cross/);
    const sampling = "training.scheduledSampling={ kind: linear, steps: 10 }";
    expect(parseRecipe(MINIMAL, { set: [sampling] }).training.scheduledSampling).toMatchObject({ floor: 0 });
    expect(error(MINIMAL, [risk, sampling])).toMatch(/scheduledSampling: is for the objective cross-entropy/);
    expect(error(ctc, [sampling])).toMatch(/scheduledSampling: does not apply to model.kind ctc/);
    expect(error(MINIMAL, ["training.scheduledSampling={ kind: exponential, base: 1.5 }"])).toMatch(
      /training.scheduledSampling.base/,
    );
  });

  it("takes overrides", () => {
    const set = ["training.seed=7", "model.encoder.bidirectional=false", "data=/corpora/x", "export.precision=fp32"];
    const recipe = parseRecipe(MINIMAL, { set });
    expect(recipe.training.seed).toBe(7);
    expect(recipe.data.folder).toBe("/corpora/x");
    expect(recipe.task === "translation" && recipe.model.encoder.bidirectional).toBe(false);
    expect(recipe.export.precision).toBe("fp32");
  });

  it("names a wrong override", () => {
    expect(error(MINIMAL, ["training.seed"])).toMatch(/--set training.seed: expected key=value/);
    expect(error(MINIMAL, ["name.first=x"])).toMatch(/--set name.first=x: name has no keys inside/);
    // what every object has is no key of a recipe
    expect(error(MINIMAL, ["__proto__.seed=7"])).toMatch(/^r.yaml: __proto__: is not known/);
    expect(error(MINIMAL, ["training.__proto__=7"])).toMatch(/^r.yaml: training.__proto__: is not known/);
    expect(error(MINIMAL, ["constructor.prototype.seed=7"])).toMatch(/^r.yaml: constructor: is not known/);
    expect(({} as { seed?: number }).seed).toBeUndefined();
    expect(error(MINIMAL, ["training.speed=1"])).toMatch(/training.speed: is not known/);
  });

  it("names a file that is missing, or is not YAML", async () => {
    await expect(loadRecipe("/nowhere/r.yaml")).rejects.toThrow(
      "cannot read the recipe /nowhere/r.yaml: there is no such file",
    );
    await expect(loadRecipe("/")).rejects.toThrow("cannot read the recipe /: it is a folder");
    expect(error("")).toBe("r.yaml: it is null; it must be an object");
    expect(error("name: [")).toMatch(/^r.yaml: not valid YAML: /);
    expect(error("name: a\n---\nname: b")).toBe("r.yaml: not valid YAML: a recipe is one document, here is --- again");
    expect(error("name: *other")).toMatch(/^r.yaml: not valid YAML: Unresolved alias/);
  });

  it("reads every recipe that ships", async () => {
    const files = (await readdir(RECIPES)).filter((f) => f.endsWith(".yaml"));
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) {
      const recipe = await loadRecipe(RECIPES + file, { set: ["data=/corpora"] });
      expect(file).toMatch(
        new RegExp(
          `^${recipe.name}(-more|-typed|-phrases|-vocabulary|-distilled|-bare|-reward|-small-batches|-numbers|-back-translated)?\\.yaml$`,
        ),
      ); // more: the same model from more text
    }
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
}

/** All keys below a schema, as paths, with what they are when they are not said. */
function keysOf(schema: Schema, path = ""): [string, unknown][] {
  return [
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((part) => keysOf(part, path)),
    ...(schema.items ? keysOf(schema.items, `${path}[]`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]): [string, unknown][] => {
      const below = path === "" ? key : `${path}.${key}`;
      return [[below, value.default], ...keysOf(value, below)];
    }),
  ];
}

describe("docs/recipes.md", () => {
  const isGroup = (path: string) => /^(data|tokenizer|model|training|export)$/.test(path) || path === "data.filter";
  const isGroupOfSides = (path: string) => /^(data\.(source|target)|model\.(encoder|decoder))$/.test(path);

  it("has every key, no other, and what each is when it is not said", async () => {
    const keys = new Map<string, unknown>();
    for (const [path, value] of keysOf(
      z.toJSONSchema(recipeSchema, { io: "input", unrepresentable: "any" }) as Schema,
    )) {
      const isSide = /^tokenizer\.(source|target)\./.test(path);
      // where the kinds of a part differ, the first counts
      if (!isSide && !isGroup(path) && !isGroupOfSides(path) && !keys.has(path)) keys.set(path, value);
    }
    const page = await readFile(new URL("../../../docs/recipes.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `([^`]+)` \| (?:`([^`]+)`)? ?\| .*$/gm)];
    const listed = new Map(rows.map(([, path, value]) => [path!, value === undefined ? undefined : JSON.parse(value)]));
    expect([...listed.keys()].toSorted()).toEqual([...keys.keys()].toSorted());
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(keys));
  });
});
