// Times training steps of Carousel; prints JSON like train.py does. The whole step is timed, which draws the dropout masks
// and clips too: `carousel bench train` times the graph and the optimizer.
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

const { layout, step } = await learnerOf(setting);
const batch = translationBatch(randomPairs(new Random(1), { network, lengths: equalLengths(setting.batch) }));
const times = [];
const losses = [];
for (let k = 0; k < warmup + steps; k++) {
  const start = performance.now();
  const { loss } = await step.run(batch, { step: k + 1, learningRate: training.learningRate });
  if (k >= warmup) times.push(performance.now() - start);
  losses.push(loss);
}
await step.release();

const stepMs = median(times);
const result = {
  framework: "carousel",
  threads: setting.threads,
  parameters: layout.count,
  steps: times.length,
  stepMs,
  tokensPerSecond: (1000 * batch.targetTokens) / stepMs,
  loss: { first: losses[0], last: losses.at(-1) },
};
console.log(JSON.stringify(result));
