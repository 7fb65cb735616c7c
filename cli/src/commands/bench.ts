import { availableParallelism } from "node:os";
import { benchTrain, gemmRates, loadRecipe, roofline, translationRecipe } from "@carousel/training";
import { Command } from "commander";
import { integer, shippedRecipe } from "../options.js";
import { write, writeJson } from "../streams.js";
import { benchDecodeCommand } from "./bench-decode.js";
import { benchServeCommand } from "./bench-serve.js";

/** Measurements of this machine; each is a ratio within one process. */
export function benchCommand(): Command {
  return new Command("bench")
    .description("measure this machine: matrix products, training, decoding, serving")
    .addCommand(gemm())
    .addCommand(trainBench())
    .addCommand(benchDecodeCommand())
    .addCommand(benchServeCommand());
}

const threadsOption = ["--threads <n>", "threads of ONNX Runtime", integer(1, 1024)] as const;

function gemm(): Command {
  return new Command("gemm")
    .description("rate of fp32 matrix products in ONNX Runtime: the roofline")
    .option(...threadsOption, availableParallelism())
    .option("--json", "print JSON")
    .action(async ({ threads, json }: { threads: number; json?: true }) => {
      const rates = await gemmRates({ threads });
      const lines = rates.map((r) => `${r.shape.join(" × ")}  ${r.gflops.toFixed(1)} GFLOP/s`);
      await print({ threads, gemm: rates, roofline: roofline(rates) }, lines, json);
    });
}

function trainBench(): Command {
  return new Command("train")
    .description("training steps of a recipe's network, against the roofline")
    .option("--recipe <file>", "the recipe whose network is timed", shippedRecipe("tatoeba-ja-en"))
    .option("--sentences <n>", "sentences a batch", integer(1, 65536), 128)
    .option("--source-length <n>", "tokens a source sentence", integer(1, 1024), 10)
    .option("--target-length <n>", "tokens a target sentence", integer(1, 1024), 10)
    .option("--steps <n>", "timed steps", integer(1, 100000), 20)
    .option("--steps-per-run <n>", "in place of the recipe's training.stepsPerRun", integer(1, 1000))
    .option(...threadsOption, availableParallelism())
    .option("--json", "print JSON")
    .action(async (options: TrainBenchOptions) => {
      const recipe = await recipeOf(options);
      const result = await benchTrain({ ...options, recipe });
      await print(
        { recipe: options.recipe, ...result },
        [
          `${result.parameters} parameters, ${options.sentences} sentences of ${options.sourceLength} → ${options.targetLength} tokens`,
          `${result.tokensPerSecond.toFixed(0)} target tokens/s, ${result.stepMs.toFixed(1)} ms a step, ${result.stepsPerRun} a run`,
          `${result.gflops.toFixed(1)} GFLOP/s = ${(100 * result.fractionOfRoofline).toFixed(1)} % of the GEMM roofline`,
        ],
        options.json,
      );
    });
}

async function recipeOf({ recipe, stepsPerRun }: TrainBenchOptions) {
  const set = stepsPerRun === undefined ? [] : [`training.stepsPerRun=${stepsPerRun}`];
  return translationRecipe(await loadRecipe(recipe, { set }));
}

interface TrainBenchOptions {
  readonly recipe: string;
  readonly stepsPerRun?: number;
  readonly sentences: number;
  readonly sourceLength: number;
  readonly targetLength: number;
  readonly steps: number;
  readonly threads: number;
  readonly json?: true;
}

async function print(document: unknown, lines: readonly string[], json: true | undefined): Promise<void> {
  await (json ? writeJson(document) : write(`${lines.join("\n")}\n`));
}
