import { command } from "./command.js";
import { copyingMemory, memorylessLoss } from "./copying-memory.js";
import { type RecallExperiment, recallExperiment } from "./recall.js";

/** node training/dist/experiments/copying.js --lag 100 [--cell lstm,gru] */
const COPYING: RecallExperiment = {
  name: "copying",
  title: (lag) => `Copying memory, ${lag} steps between hearing and saying`,
  baseline: memorylessLoss,
  unit: "Cross-entropy, nats a step",
  task: copyingMemory,
};

await command(async (args) => void (await recallExperiment(COPYING, args)));
