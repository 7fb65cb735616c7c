// Trains the same network with Carousel and with PyTorch in turn, a fresh process each time, and compares the speed.
// The table goes to stderr, JSON to stdout.
// node compare.mjs [--rounds 5] [--steps 20] [--variant auto] [--python FILE] [--threads 2] …
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "@carousel/training";
import { carousel, inTemporaryFolder, pythonOption, pytorch, VARIANTS } from "./peers.mjs";
import { settingOf, settingOptions } from "./setting.mjs";
import { wholeNumber } from "./whole-number.mjs";

const { values } = parseArgs({
  options: {
    ...settingOptions,
    python: pythonOption,
    rounds: { type: "string", default: "5" },
    variant: { type: "string", default: "auto" },
  },
});
const rounds = wholeNumber("rounds", values.rounds, { min: 1 });
if (values.variant !== "auto" && !VARIANTS.includes(values.variant)) {
  throw new RangeError(`--variant ${values.variant}: auto, ${VARIANTS.join(", ")} are known`);
}
const setting = await settingOf(values);
const machine = { processor: cpus()[0]?.model, cores: cpus().length, loadBefore: loadavg()[0] };
await inTemporaryFolder(async (folder) => {
  const file = join(folder, "setting.json");
  await writeFile(file, JSON.stringify(setting));
  const run = { carousel: () => carousel(file), pytorch: (variant) => timedPytorch(file, variant) };
  const tried = await tryVariants(run);
  const fastest = tried.toSorted((a, b) => b.tokensPerSecond - a.tokensPerSecond)[0];
  const measured = await alternate(run, fastest?.variant ?? values.variant);
  console.log(JSON.stringify({ setting, machine, tried, ...summary(measured) }, null, 2));
});

function timedPytorch(file, variant) {
  return pytorch(values.python, { variant, threads: setting.threads, arguments: ["--setting", file] });
}

/** One run of each variant, unless one is asked for. */
async function tryVariants(run) {
  const tried = [];
  for (const variant of values.variant === "auto" ? VARIANTS : []) {
    const result = await run.pytorch(variant);
    tell(`try ${label(result)}`, result);
    tried.push(result);
  }
  return tried;
}

async function alternate(run, variant) {
  const measured = [];
  for (let round = 1; round <= rounds; round++) {
    const pair = { carousel: await run.carousel(), pytorch: await run.pytorch(variant) };
    requireSameParameters(pair);
    for (const result of Object.values(pair)) tell(`${round}/${rounds} ${label(result)}`, result);
    measured.push(pair);
  }
  return measured;
}

function requireSameParameters({ carousel, pytorch }) {
  if (carousel.parameters === pytorch.parameters) return;
  throw new Error(`not the same network: ${carousel.parameters} and ${pytorch.parameters} parameters`);
}

/** Medians over the rounds, and how many times PyTorch's tokens/s Carousel reaches. */
function summary(measured) {
  const of = (peer) => {
    const [first] = measured.map((pair) => pair[peer]);
    const middle = (key) => median(measured.map((pair) => pair[peer][key]));
    return { ...first, stepMs: middle("stepMs"), tokensPerSecond: middle("tokensPerSecond") };
  };
  const [ours, theirs] = [of("carousel"), of("pytorch")];
  const ratios = measured.map((pair) => pair.carousel.tokensPerSecond / pair.pytorch.tokensPerSecond);
  const ratio = ours.tokensPerSecond / theirs.tokensPerSecond;
  tell("median carousel", ours);
  tell(`median ${label(theirs)}`, theirs);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  console.error(`Carousel trains ${ratio.toFixed(2)} × as fast (${low.toFixed(2)} to ${high.toFixed(2)} by round)`);
  return { carousel: ours, pytorch: theirs, ratio, ratioByRound: ratios, rounds: measured };
}

function label({ framework, version, variant }) {
  return variant ? `${framework} ${version} ${variant}` : framework;
}

function tell(name, { stepMs, tokensPerSecond, parameters }) {
  const columns = [
    name.padEnd(48),
    `${stepMs.toFixed(1)} ms`.padStart(10),
    `${tokensPerSecond.toFixed(0)} tokens/s`.padStart(16),
  ];
  console.error(`${columns.join("  ")}  ${parameters} parameters`);
}
