// Times training steps of Carousel, all of them as `carousel bench train` does; prints JSON like train.py does.
// node carousel.mjs --setting setting.json
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { median } from "@carousel/training";
import { translationBatch } from "@carousel/training/data/translation-data";
import { Random } from "@carousel/training/random";
import { learnerOf } from "./learner.mjs";
import { equalLengths, randomPairs } from "./random-pairs.mjs";

const { values } = parseArgs({ options: { setting: { type: "string" } } });
if (values.setting === undefined) throw new RangeError("--setting FILE is missing: setting.mjs writes it");
const setting = JSON.parse(await readFile(values.setting, "utf8"));
const { network, training, warmup, steps } = setting;

const { layout, steps: stepper } = await learnerOf(setting);
const batch = translationBatch(randomPairs(new Random(1), { network, lengths: equalLengths(setting.batch) }));
const times = [];
const losses = [];
const batches = Array(training.stepsPerRun).fill(batch);
const learningRates = batches.map(() => training.learningRate);
for (let done = 0; done < warmup + steps; done += batches.length) {
  const start = performance.now();
  const results = await stepper.run(batches, { step: done + 1, learningRates });
  if (done >= warmup) times.push((performance.now() - start) / batches.length);
  losses.push(...results.map((r) => r.loss));
}
await stepper.release();

const stepMs = median(times);
const result = {
  framework: "carousel",
  threads: setting.threads,
  parameters: layout.count,
  stepsPerRun: batches.length,
  steps: times.length * batches.length,
  stepMs,
  tokensPerSecond: (1000 * batch.targetTokens) / stepMs,
  loss: { first: losses[0], last: losses.at(-1) },
};
console.log(JSON.stringify(result));
