import { addingProblem, MEMORYLESS_ERROR } from "./adding-problem.js";
import { command } from "./command.js";
import { type RecallExperiment, recallExperiment } from "./recall.js";

/** node training/dist/experiments/adding.js --lag 100 [--cell lstm,gru] */
const ADDING: RecallExperiment = {
  name: "adding",
  title: (lag) => `The adding problem, sequences of ${lag} numbers`,
  baseline: () => MEMORYLESS_ERROR,
  unit: "Mean squared error",
  task: addingProblem,
};

await command(async (args) => void (await recallExperiment(ADDING, args)));
