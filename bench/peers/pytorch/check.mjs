// Checks that PyTorch computes what Carousel computes: Carousel's first parameters and two batches go into a folder with
// what Carousel makes of them, and train.py --check compares. Exits with 1 when a variant disagrees.
// node check.mjs [--python FILE] [--variant NAME …]
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { translationBatch } from "@carousel/training/data/translation-data";
import { createSession, float32, scalar } from "@carousel/training/onnx/runtime";
import { globalNorm } from "@carousel/training/optimizers/clipping";
import { Random } from "@carousel/training/random";
import { learnerOf } from "./learner.mjs";
import { inTemporaryFolder, pythonOption, pytorch, VARIANTS } from "./peers.mjs";
import { equalLengths, randomPairs } from "./random-pairs.mjs";
import { settingOf, settingOptions } from "./setting.mjs";

const STEPS_OF_TRAINING = 5;

const { values } = parseArgs({
  options: { ...settingOptions, python: pythonOption, variant: { type: "string", multiple: true, default: VARIANTS } },
});
await inTemporaryFolder(async (folder) => {
  const setting = await settingOf(values);
  await exportCheck(folder, checkable(setting));
  for (const variant of values.variant) {
    const found = await pytorch(values.python, { variant, threads: setting.threads, arguments: ["--check", folder] });
    console.log(`${variant}: ${found.agrees ? "agrees" : "DISAGREES"}`);
    for (const row of found.batches) console.log(`  ${described(row)}`);
    if (!found.agrees) process.exitCode = 1;
  }
});

/** Without dropout, whose masks are random, and with so small a norm that every step clips. */
function checkable({ network, training, ...rest }) {
  return { ...rest, network: { ...network, dropout: 0 }, training: { ...training, clipNorm: 0.1 } };
}

function described({ batch, loss, gradientNorm, gradients, training }) {
  const of = ({ carousel, pytorch, relative }) => `${carousel} and ${pytorch} (${relative.toExponential(1)})`;
  const last = training.at(-1);
  return [
    `${batch}: loss ${of(loss)}, gradient norm ${of(gradientNorm)}`,
    `gradients differ by at most ${gradients.largestRelative.toExponential(1)}, in ${gradients.of}`,
    `loss of step ${training.length} ${of(last.loss)}`,
  ].join("; ");
}

/** Writes check.json, and the numbers that are many to check.f32. */
async function exportCheck(folder, setting) {
  const numbers = [];
  const { layout, parameters, steps } = await learnerOf(setting);
  await steps.release();
  const document = { setting, parameters: append(numbers, layout.named(parameters)), batches: [] };
  for (const [name, lengths] of Object.entries(lengthsOf(setting.batch))) {
    document.batches.push(await caseOf(setting, { name, lengths, numbers }));
  }
  await writeFile(join(folder, "check.json"), JSON.stringify(document));
  await writeFile(join(folder, "check.f32"), Buffer.concat(numbers));
}

/** A batch as it is timed, and one with padding on both sides. */
function lengthsOf(batch) {
  const random = new Random(2);
  const ragged = equalLengths(batch).map(({ source, target }, k) =>
    k === 0 ? { source, target } : { source: 1 + random.below(source), target: 1 + random.below(target) },
  );
  return { "no padding": equalLengths(batch), padding: ragged };
}

async function caseOf(setting, { name, lengths, numbers }) {
  const pairs = randomPairs(new Random(1), { network: setting.network, lengths });
  const batch = translationBatch(pairs);
  const { loss, gradientNorm, gradients } = await firstGradients(setting, batch);
  const rows = (input) => matrix(batch.feeds[input]);
  return {
    name,
    source: rows("source"),
    targetIn: rows("target_in"),
    targetOut: rows("target_out"),
    sourceLengths: lengths.map((l) => l.source),
    targetLengths: lengths.map((l) => l.target),
    loss,
    gradientNorm,
    gradients: append(numbers, gradients),
    training: await trained(setting, batch),
  };
}

/** Loss and gradients at the first parameters. */
async function firstGradients(setting, batch) {
  const { graph, layout, parameters, steps } = await learnerOf(setting);
  await steps.release();
  const flat = new Float32Array(layout.size);
  const session = await createSession(graph.model, { threads: setting.threads });
  const loss = float32(new Float32Array(1), []);
  const feeds = { ...layout.tensors(parameters), ...batch.feeds, loss_scale: scalar(1 / batch.targetTokens) };
  await session.run(feeds, { loss, ...layout.tensors(flat, "grad.") });
  await session.release();
  return { loss: loss.data[0], gradientNorm: globalNorm(flat), gradients: layout.named(flat) };
}

/** Losses and norms of the first steps of training on one batch. */
async function trained(setting, batch) {
  const { steps } = await learnerOf(setting);
  const rows = [];
  while (rows.length < STEPS_OF_TRAINING) {
    const batches = Array(Math.min(steps.most, STEPS_OF_TRAINING - rows.length)).fill(batch);
    const learningRates = batches.map(() => setting.training.learningRate);
    rows.push(...(await steps.run(batches, { step: rows.length + 1, learningRates })));
  }
  await steps.release();
  return rows.map(({ loss, gradientNorm }) => ({ loss, gradientNorm }));
}

/** Appends tensors to the numbers; says where each begins, counted in numbers. */
function append(numbers, named) {
  let offset = numbers.reduce((sum, b) => sum + b.length, 0) / Float32Array.BYTES_PER_ELEMENT;
  return [...named].map(([name, { shape, data }]) => {
    numbers.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    const slot = { name, shape, offset };
    offset += data.length;
    return slot;
  });
}

/** int64 [rows, columns] as arrays of numbers. */
function matrix({ data, dims: [rows, columns] }) {
  return Array.from({ length: rows }, (_, r) => Array.from(data.slice(r * columns, (r + 1) * columns), Number));
}
