import { type BatchBench, benchBatch } from "@carousel/server/bench/batch-bench";
import { benchMemory, type MemoryBench } from "@carousel/server/bench/memory-bench";
import { benchOverload, type OverloadBench } from "@carousel/server/bench/overload-bench";
import {
  benchModel,
  benchPath,
  benchScaling,
  type ModelBench,
  type PathBench,
  type ScalingRow,
} from "@carousel/server/bench/serve-bench";
import { Command, Option } from "commander";
import { benchSentences } from "../bench-sentences.js";
import { integer } from "../options.js";
import { write, writeJson } from "../streams.js";

interface Options {
  readonly measure: "path" | "model" | "scaling" | "overload" | "memory" | "batch";
  readonly model: string;
  readonly source?: string;
  readonly batch: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly lines: number;
  readonly json?: true;
}

export function benchServeCommand(): Command {
  return new Command("serve")
    .description("the way of a request over gRPC, Redis and a worker, each in a process of its own; needs redis-server")
    .addOption(
      new Option(
        "--measure <what>",
        "path: an engine that answers at once; model: a bundle's; scaling: 1, 2, 4 workers; overload: five times what a worker can do; memory: what Redis keeps; batch: what a job of many lines takes",
      )
        .choices(["path", "model", "scaling", "overload", "memory", "batch"])
        .default("path"),
    )
    .option("--model <name or folder>", "the bundle (model)", "tatoeba-ja-en")
    .option("--source <file>", "sentences to translate, one a line (model)")
    .option("--batch <n>", "sentences in a running batch (model)", integer(8, 1024), 64)
    .option("--seconds <s>", "time of each measurement", integer(1, 600), 3)
    .option(
      "--rounds <n>",
      "engine and stack in turn, so often (model); trials of RetryInfo (overload)",
      integer(1, 100),
      3,
    )
    .option("--lines <n>", "lines of the job (batch)", integer(1), 1_000_000)
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  carousel bench serve --measure scaling --json")
    .action(async ({ json, ...options }: Options) => {
      const { document, lines } = await MEASURES[options.measure](options);
      await (json ? writeJson({ ...options, ...document }) : write(`${lines.join("\n")}\n`));
    });
}

type Measured = { readonly document: object; readonly lines: readonly string[] };

const MEASURES: Readonly<Record<Options["measure"], (options: Options) => Promise<Measured>>> = {
  path: async (options) => pathLines(await benchPath(options)),
  model: async (options) => modelLines(await measureModel(options)),
  scaling: async (options) => scalingLines(await benchScaling(options)),
  overload: async (options) => overloadLines(await benchOverload(options)),
  memory: async () => memoryLines(await benchMemory()),
  batch: async (options) => batchLines(await benchBatch(options)),
};

async function measureModel({ model, source, ...options }: Options): Promise<ModelBench> {
  const { folder, name, sentences } = await benchSentences({ model, source });
  return benchModel({ ...options, folder, model: name, sentences });
}

function pathLines(path: PathBench): Measured {
  const { rows, latencyMs } = path;
  const lines = rows.map(
    (r) =>
      `${r.sentencesPerCall} sentences a call, ${r.callers} calls at a time: ${r.requestsPerSecond.toFixed(0)} calls/s, ${r.sentencesPerSecond.toFixed(0)} sentences/s, p50 ${r.latencyMs.p50.toFixed(1)} ms, p99 ${r.latencyMs.p99.toFixed(1)} ms`,
  );
  const alone = `one call at a time: median ${latencyMs.stack.toFixed(2)} ms, ${latencyMs.added.toFixed(2)} ms more than the engine alone`;
  return { document: path, lines: [alone, ...lines] };
}

function modelLines(row: ModelBench): Measured {
  const line = `batch ${row.batch}: engine ${row.engine.toFixed(0)} sentences/s, stack ${row.stack.toFixed(0)}: ${(100 * row.kept).toFixed(1)} % kept`;
  const decode = `one batch after another, as bench decode has them: ${row.decode.toFixed(0)} sentences/s, of which the stack has ${(100 * row.keptOfDecode).toFixed(1)} %`;
  const used = Object.entries(row.cpuMs).map(([part, ms]) => `${part} ${ms.toFixed(2)}`);
  const lag = `event loops late by (p99) gateway ${row.lagMs.gateway.toFixed(1)} ms, worker ${row.lagMs.worker.toFixed(1)} ms`;
  return { document: row, lines: [line, decode, `processor time a sentence, ms: ${used.join(", ")}`, lag] };
}

function scalingLines(rows: readonly ScalingRow[]): Measured {
  const lines = rows.map(
    (r) =>
      `${r.workers} workers: ${r.sentencesPerSecond.toFixed(0)} sentences/s, ${(100 * r.linear).toFixed(1)} % of linear`,
  );
  return { document: { rows }, lines };
}

function overloadLines(bench: OverloadBench): Measured {
  const { peak, halfP99, deadlineMs, offered, calls, acceptedP99, refusedP99, goodput, retryTruth } = bench;
  const lines = [
    `peak ${peak.toFixed(0)} sentences/s; at half of it p99 ${halfP99.toFixed(0)} ms`,
    `${offered.toFixed(0)} sentences/s sent, each call with a deadline of ${deadlineMs} ms: ${calls.answered} calls answered, ${calls.late} late, ${calls.refused} refused, ${calls.failed} failed`,
    `p99 of those let in ${acceptedP99.toFixed(0)} ms (${(acceptedP99 / halfP99).toFixed(2)} x), of refusals ${refusedP99.toFixed(1)} ms; goodput ${(100 * goodput).toFixed(1)} % of the peak`,
    `time told by a refusal ÷ time until one was let in: ${retryTruth.map((ratio) => ratio.toFixed(2)).join(", ")}`,
  ];
  return { document: bench, lines };
}

function batchLines(bench: BatchBench): Measured {
  const { lines, seconds, peak, redisPeak } = bench;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return {
    document: bench,
    lines: [
      `${lines} lines: stored in ${seconds.upload.toFixed(1)} s, translated in ${seconds.translate.toFixed(1)} s`,
      `at most resident: gateway ${mib(peak.gateway)}, workers ${peak.workers.map(mib).join(" and ")}; Redis ${mib(redisPeak)}`,
    ],
  };
}

function memoryLines(bench: MemoryBench): Measured {
  const { sentences, perQueued, perJob, leftPerJob } = bench;
  return {
    document: bench,
    lines: [
      `${sentences} sentences queued: ${perQueued.toFixed(0)} bytes of Redis each, ${perJob.toFixed(0)} a job of 32`,
      `when all were answered: ${leftPerJob.toFixed(1)} bytes a job are left`,
    ],
  };
}
