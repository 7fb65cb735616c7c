import { command } from "./command.js";
import { gradientExperiment } from "./gradient-flow.js";

/** node training/dist/experiments/gradient.js [--lag 100] [--seeds 5] [--steps 500] */
await command(async (args) => void (await gradientExperiment(args)));
