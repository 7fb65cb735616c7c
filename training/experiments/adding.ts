import { ADDING } from "./adding-problem.js";
import { command } from "./command.js";
import { recallExperiment } from "./recall.js";

/** node training/dist/experiments/adding.js --lag 100 [--cell lstm,gru] */
await command(async (args) => void (await recallExperiment(ADDING, args)));
