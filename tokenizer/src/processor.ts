import { SentencePieceProcessor } from "sentencepiece-js";

/** The handlers that Emscripten adds with each instance: they print its source and end the process. */
const HANDLERS = { uncaughtException: /ExitStatus/, unhandledRejection: /^function\s*\(reason\)\s*\{\s*throw reason/ };

/** A SentencePiece processor with the model of a file: a WebAssembly instance of its own, without its crash handlers. */
export async function loadProcessor(path: string): Promise<SentencePieceProcessor> {
  const before = new Set(Object.keys(HANDLERS).flatMap((event) => process.rawListeners(event)));
  const processor = new SentencePieceProcessor();
  await processor.load(path);
  for (const [event, source] of Object.entries(HANDLERS)) {
    for (const listener of process.rawListeners(event)) {
      // others may have added theirs in the meantime
      if (!before.has(listener) && source.test(String(listener))) {
        process.off(event, listener as (...values: unknown[]) => void);
      }
    }
  }
  return processor;
}
