import { command } from "./command.js";
import { COPYING } from "./copying-memory.js";
import { recallExperiment } from "./recall.js";

/** node training/dist/experiments/copying.js --lag 100 [--cell lstm,gru] */
await command(async (args) => void (await recallExperiment(COPYING, args)));
