import { command } from "./command.js";
import { evolutionExperiment } from "./evolution-experiment.js";

/** node training/dist/experiments/evolution.js [--cell lstm,rnn] [--length 10] */
await command(async (args) => void (await evolutionExperiment(args)));
