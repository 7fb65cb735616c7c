// `npm run faults`: inflicts what tests/faults knows, by hand.
import { parseArgs } from "node:util";
import { readCorpus } from "./corpus.js";
import type { Fault } from "./fault.js";
import { FAULTS } from "./faults.js";
import { figures } from "./figures.js";
import { Fleet } from "./fleet.js";
import { longJob } from "./long-job.js";
import { overload } from "./overload.js";
import { Random } from "./random.js";
import { Report } from "./report.js";
import { soak } from "./soak.js";
import { trial } from "./trial.js";

/** A fault is inflicted so often on one fleet; then its history is judged, and the next fleet starts. */
const ROUND = 10;
const OVERLOADS = 10;
const OVERLOAD_SECONDS = 30;
const MEASURES = ["figures", "overload", "long-job", "soak"];
const IDS = [...FAULTS.map(({ id }) => id), ...MEASURES];

const HELP = `npm run faults -- [options]: kills, stops, outages, overload, a long job and a soak on real processes; every request is accounted for

  --long           the long counts, the figures, ${OVERLOADS} overloads, the long job and the soak: hours; else the short counts
  --only IDS       some of ${IDS.join(", ")}; separated by commas
  --times N        so often instead
  --minutes N      length of the soak; 60 when absent
  --lines N        of the long job, half way through which everything ends; 1000000 when absent
  --seed N         whom faults hit and when, and which texts are sent; drawn and printed when absent
  --json FILE      writes what came of it, after each round

Progress goes to standard error, tables in Markdown to standard output; exits with 1 when anything was wrong.
`;

function options() {
  const { values } = parseArgs({
    options: {
      long: { type: "boolean", default: false },
      only: { type: "string" },
      times: { type: "string" },
      minutes: { type: "string", default: "60" },
      lines: { type: "string", default: "1000000" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const ids = values.only?.split(",") ?? (values.long ? IDS : FAULTS.map(({ id }) => id));
  for (const id of ids) if (!IDS.includes(id)) throw new Error(`--only ${id}: it is none of ${IDS.join(", ")}`);
  const [times, minutes, lines, seed] = (["times", "minutes", "lines", "seed"] as const).map((name) => {
    const number = Number(values[name] ?? Number.NaN);
    if (values[name] !== undefined && !(number >= 0))
      throw new Error(`--${name} ${values[name]}: a number is expected`);
    return number;
  }) as [number, number, number, number];
  return {
    ids,
    minutes,
    lines,
    seed,
    times,
    form: values.long ? "long" : "short",
    file: values.json,
    help: values.help,
  } as const;
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

async function inflict(fault: Fault, asked: number, means: { report: Report; random: Random }): Promise<void> {
  const { report, random } = means;
  const { id, name } = fault;
  const corpus = await readCorpus();
  const own = report.fault({ id, name, asked });
  while (own.inflicted < asked && !own.skipped) {
    const fleet = await Fleet.start();
    try {
      const why = fault.impossible?.(fleet);
      if (why) own.skipped = why;
      else {
        const times = Math.min(ROUND, asked - own.inflicted);
        report.add(own, times, await trial(fault, times, { fleet, corpus, random }));
      }
    } finally {
      await fleet.stop();
    }
    say(
      own.skipped
        ? `${name}: not here: ${own.skipped}`
        : `${name}: ${own.inflicted} of ${asked}, ${own.violations} wrong`,
    );
    await report.save();
  }
}

async function ofLongJob(lines: number, report: Report): Promise<void> {
  let said = 0;
  const onProgress = ({ completed, seconds }: { completed: number; seconds: number }) => {
    if (seconds - said < 30) return;
    said = seconds;
    say(`long job: ${completed} of ${lines} lines`);
  };
  report.longJob = await longJob({ lines, onProgress });
}

async function soaked(seconds: number, { report, random }: { report: Report; random: Random }): Promise<void> {
  const corpus = await readCorpus();
  const fleet = await Fleet.start({ sized: "collected" });
  let said = 0;
  const onProgress = (elapsed: number) => {
    if (elapsed - said < 60) return;
    said = elapsed;
    say(`soak: ${Math.round(elapsed / 60)} of ${Math.round(seconds / 60)} min`);
  };
  try {
    report.soak = { seconds, ...(await soak({ fleet, corpus, random, seconds, onProgress })) };
  } finally {
    await fleet.stop();
  }
}

async function main(): Promise<void> {
  const { ids, times, minutes, lines, seed, form, file, help } = options();
  if (help) return void process.stdout.write(HELP);
  const report = new Report({ seed, form, file });
  say(`seed ${seed}`);
  const drawn = (id: string) => new Random(seed + IDS.indexOf(id));
  for (const fault of FAULTS.filter(({ id }) => ids.includes(id))) {
    await inflict(fault, times || fault.times[form], { report, random: drawn(fault.id) });
  }
  if (ids.includes("figures")) report.figures = await figures(drawn("figures"));
  await report.save();
  for (let k = 0; ids.includes("overload") && k < (times || OVERLOADS); k++) {
    report.overloads.push(await overload({ random: drawn("overload"), seconds: OVERLOAD_SECONDS }));
    say(`overload: ${k + 1}`);
    await report.save();
  }
  if (ids.includes("long-job")) await ofLongJob(lines, report);
  if (ids.includes("soak")) await soaked(60 * minutes, { report, random: drawn("soak") });
  await report.save();
  process.stdout.write(report.tables());
  for (const { name, examples } of report.faults) for (const example of examples) say(`${name}: ${example}`);
  for (const part of [...report.overloads, report.figures, report.longJob, report.soak])
    part?.violations.slice(0, 20).forEach(say);
  say(`${report.violations} wrong, seed ${seed}`);
  process.exitCode = report.violations === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
await main().catch((error: Error) => {
  say(error.message);
  process.exitCode = 1;
});
