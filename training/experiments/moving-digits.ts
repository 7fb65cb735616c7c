import { command } from "./command.js";
import { movingDigits } from "./moving-digits-experiment.js";

/** node training/dist/experiments/moving-digits.js [--size 16] [--steps 1500] */
await command(async (args) => void (await movingDigits(args)));
