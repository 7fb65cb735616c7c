import { Command } from "commander";
import { COMMANDS } from "./commands.js";
import { reportAndExit } from "./report-and-exit.js";

const program = new Command("carousel")
  .description("Neural machine translation and text generation: train, serve, call")
  .version("0.1.0")
  .showHelpAfterError("(add --help for what is allowed)");

// of no use to all others when one is called; without one, or with one that is not there, the help names all
const called = COMMANDS.find(({ name }) => name === process.argv[2]);
for (const { load } of called ? [called] : COMMANDS) program.addCommand(await load());

// a reader that has seen enough (head) closes the pipe: that is no error
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  reportAndExit(new Error(`cannot write to standard output: ${error.message}`));
});

program.parseAsync().catch(reportAndExit);
