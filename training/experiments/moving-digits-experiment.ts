import { Random } from "@carousel/training/random";
import { digitsFilm, type FilmOptions } from "./digits-film.js";
import { type FramesRow, framesPicture } from "./frames-picture.js";
import { learn } from "./learner.js";
import { type NextFrameOptions, nextFrame } from "./next-frame.js";
import { OptionError, Options } from "./options.js";
import { curvePicture } from "./picture.js";
import { addRuns, RESULTS, rounded, writeText } from "./results.js";

export interface FilmRun {
  readonly sees: NextFrameOptions["sees"];
  readonly hidden: number;
  readonly layers: number;
  readonly parameters: number;
  /** Nats a pixel of the test films. */
  readonly loss: number;
  /** [step, mean loss since the point before] */
  readonly curve: readonly (readonly [number, number])[];
}

const KEYS = [
  "size",
  "frames",
  "digits",
  "channels",
  "layers",
  "wide",
  "steps",
  "batch",
  "rate",
  "clip",
  "seed",
  "threads",
  "out",
];
const SMALLEST_FRAME = 8;
const TEST_BATCHES = 10;

/** The convolutional cell and plain ones on the same films, one after the other. Writes JSON and two pictures. */
export async function movingDigits(args: readonly string[]): Promise<Record<string, FilmRun>> {
  const options = new Options(args, KEYS);
  const film = {
    size: options.count("size", 16, SMALLEST_FRAME),
    frames: options.count("frames", 11, 2),
    digits: options.count("digits", 2),
  };
  const batch = options.count("batch", 8);
  const training = {
    steps: options.count("steps", 1500),
    learningRate: options.positive("rate", 0.003),
    clipNorm: options.positive("clip", 1),
    seed: options.count("seed", 1, 0),
  };
  const out = options.folder("out", RESULTS);
  const baseline = pixelEntropy(film);
  const runs: Record<string, FilmRun> = {};
  const rows: FramesRow[] = [];
  for (const [name, model] of Object.entries(models(options, film.size))) {
    const threads = options.count("threads", 1);
    const { run, truth, predicted } = await filmRun(name, { film, batch, ...model }, { ...training, threads });
    runs[name] = run;
    if (rows.length === 0) rows.push({ label: "true", frames: truth });
    rows.push({ label: name, frames: predicted });
  }
  const about = { experiment: "moving-digits", unit: "nats a pixel", baseline: rounded(baseline), ...film, batch };
  await addRuns(out, "moving-digits.json", { about: { ...about, ...training }, runs });
  const title = "The next frame of a film that was never seen";
  await writeText(out, "moving-digits.svg", framesPicture({ title, size: film.size, rows }));
  await writeText(out, "moving-digits-loss.svg", lossPicture(runs, baseline));
  return runs;
}

type Model = Pick<NextFrameOptions, "sees" | "hidden" | "layers">;

/** Convolutional; plain with at most as many weights; plain and wide. */
function models(options: Options, size: number): Record<string, Model> {
  const channels = options.count("channels", 12);
  const layers = options.count("layers", 2);
  const hidden = widthFor(convolutionalWeights(channels, layers), size * size);
  if (hidden < 1) throw new OptionError(`--channels ${channels} are too few for a plain lstm with as many weights`);
  return {
    "conv-lstm-peephole": { sees: "maps", hidden: channels, layers },
    "lstm, as many weights": { sees: "flat", hidden, layers: 1 },
    "lstm, wide": { sees: "flat", hidden: options.count("wide", 128), layers: 1 },
  };
}

/** Of cells over one input channel with kernels of 3 × 3 and peepholes, and of their output. */
function convolutionalWeights(channels: number, layers: number): number {
  const ofLayer = (input: number) => 9 * (input + channels) * 4 * channels + 4 * channels + 3 * channels;
  return ofLayer(1) + (layers - 1) * ofLayer(channels) + channels + 1;
}

/** The widest plain lstm over vectors of n, its output included, that has no more weights. */
function widthFor(weights: number, n: number): number {
  let hidden = 0;
  while ((n + hidden + 2) * 4 * (hidden + 1) + (hidden + 2) * n <= weights) hidden++;
  return hidden;
}

async function filmRun(
  name: string,
  model: NextFrameOptions,
  training: { steps: number; learningRate: number; clipNorm: number; seed: number; threads: number },
) {
  const learned = await learn(nextFrame(model), {
    ...training,
    every: Math.max(1, Math.round(training.steps / 50)),
    onPoint: ({ step, loss, seconds }) =>
      process.stderr.write(`moving-digits ${name}  step ${step}  loss ${loss.toFixed(5)}  ${seconds.toFixed(0)} s\n`),
  });
  let sum = 0;
  for (let batch = 0; batch < TEST_BATCHES; batch++) sum += (await learned.test(batch)).loss![0]!;
  const shown = await learned.test(0);
  await learned.release();
  const run: FilmRun = {
    sees: model.sees,
    hidden: model.hidden,
    layers: model.layers,
    parameters: learned.parameters,
    loss: rounded(sum / TEST_BATCHES),
    curve: learned.curve.map(({ step, loss }) => [step, rounded(loss)]),
  };
  return { run, truth: firstFilm(shown.frames!, model), predicted: firstFilm(shown.predicted!, model) };
}

/** Of films side by side the first, frame by frame. */
function firstFilm(films: Float32Array, { film, batch }: NextFrameOptions): Float32Array[] {
  const pixels = film.size ** 2;
  return Array.from({ length: film.frames - 1 }, (_, t) => films.slice(t * batch * pixels, (t * batch + 1) * pixels));
}

const SAMPLED_FILMS = 500;

/** The loss, nats a pixel, of a predictor that knows only how often a pixel has ink, the same for every pixel. */
function pixelEntropy(film: FilmOptions): number {
  const random = new Random(1);
  let [ink, all] = [0, 0];
  for (let k = 0; k < SAMPLED_FILMS; k++) {
    const pixels = digitsFilm(random, film);
    all += pixels.length;
    for (const p of pixels) ink += p;
  }
  const p = ink / all;
  return -p * Math.log(p) - (1 - p) * Math.log(1 - p);
}

function lossPicture(runs: Readonly<Record<string, FilmRun>>, baseline: number): string {
  return curvePicture({
    title: "Predicting the next frame of moving digits",
    measure: "Cross-entropy, nats a pixel",
    across: "step of training",
    lines: Object.entries(runs).map(([label, { curve }]) => ({ label, points: curve.map(([x, y]) => ({ x, y })) })),
    baseline: { label: "share of ink", y: baseline },
    scale: "linear",
    highest: "kept",
  });
}
