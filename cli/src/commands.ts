import type { Command } from "commander";

interface Loadable {
  readonly name: string;
  readonly load: () => Promise<Command>;
}

/** In the order of the help. Only what is called is loaded: a gateway holds neither ONNX Runtime nor anything that trains. */
export const COMMANDS: readonly Loadable[] = [
  { name: "translate", load: async () => (await import("./commands/translate.js")).translateCommand() },
  { name: "generate", load: async () => (await import("./commands/generate.js")).generateCommand() },
  { name: "score", load: async () => (await import("./commands/score.js")).scoreCommand() },
  { name: "train", load: async () => (await import("./commands/train.js")).trainCommand() },
  { name: "evaluate", load: async () => (await import("./commands/evaluate.js")).evaluateCommand() },
  { name: "calibrate", load: async () => (await import("./commands/calibrate.js")).calibrateCommand() },
  { name: "distill", load: async () => (await import("./commands/distill.js")).distillCommand() },
  { name: "back-translate", load: async () => (await import("./commands/back-translate.js")).backTranslateCommand() },
  { name: "augment", load: async () => (await import("./commands/augment.js")).augmentCommand() },
  { name: "serve", load: async () => (await import("./commands/serve.js")).serveCommand() },
  { name: "gateway", load: async () => (await import("./commands/serve.js")).gatewayCommand() },
  { name: "worker", load: async () => (await import("./commands/serve.js")).workerCommand() },
  { name: "batch", load: async () => (await import("./commands/batch.js")).batchCommand() },
  { name: "models", load: async () => (await import("./commands/models.js")).modelsCommand() },
  { name: "quantize", load: async () => (await import("./commands/quantize.js")).quantizeCommand() },
  { name: "shortlist", load: async () => (await import("./commands/shortlist.js")).shortlistCommand() },
  { name: "known-words", load: async () => (await import("./commands/known-words.js")).knownWordsCommand() },
  { name: "average", load: async () => (await import("./commands/average.js")).averageCommand() },
  { name: "glossary", load: async () => (await import("./commands/glossary.js")).glossaryCommand() },
  { name: "queue", load: async () => (await import("./commands/queue.js")).queueCommand() },
  { name: "bench", load: async () => (await import("./commands/bench.js")).benchCommand() },
];
