import { compareCells } from "./cells-experiment.js";
import { command } from "./command.js";

/** node training/dist/experiments/cells.js --data shared/data/multi30k --source de --target en --valid val */
await command(async (args) => void (await compareCells(args)));
