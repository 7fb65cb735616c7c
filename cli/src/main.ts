import { Command } from "commander";
import { backTranslateCommand } from "./commands/back-translate.js";
import { batchCommand } from "./commands/batch.js";
import { benchCommand } from "./commands/bench.js";
import { calibrateCommand } from "./commands/calibrate.js";
import { distillCommand } from "./commands/distill.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { generateCommand } from "./commands/generate.js";
import { glossaryCommand } from "./commands/glossary.js";
import { modelsCommand } from "./commands/models.js";
import { quantizeCommand } from "./commands/quantize.js";
import { queueCommand } from "./commands/queue.js";
import { scoreCommand } from "./commands/score.js";
import { gatewayCommand, serveCommand, workerCommand } from "./commands/serve.js";
import { shortlistCommand } from "./commands/shortlist.js";
import { trainCommand } from "./commands/train.js";
import { translateCommand } from "./commands/translate.js";
import { reportAndExit } from "./report-and-exit.js";

const program = new Command("carousel")
  .description("Neural machine translation and text generation: train, serve, call")
  .version("0.1.0")
  .showHelpAfterError("(add --help for what is allowed)");

for (const command of [
  translateCommand(),
  generateCommand(),
  scoreCommand(),
  trainCommand(),
  evaluateCommand(),
  calibrateCommand(),
  distillCommand(),
  backTranslateCommand(),
  serveCommand(),
  gatewayCommand(),
  workerCommand(),
  batchCommand(),
  modelsCommand(),
  quantizeCommand(),
  shortlistCommand(),
  glossaryCommand(),
  queueCommand(),
  benchCommand(),
]) {
  program.addCommand(command);
}

// a reader that has seen enough (head) closes the pipe: that is no error
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

program.parseAsync().catch(reportAndExit);
