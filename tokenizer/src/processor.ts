import { SentencePieceProcessor } from "sentencepiece-js";
import { TokenizerError } from "./model-proto.js";

/** The handlers that Emscripten adds with each instance: they print its source and end the process. */
const HANDLERS = { uncaughtException: /ExitStatus/, unhandledRejection: /^function\s*\(reason\)\s*\{\s*throw reason/ };

/**
 * A SentencePiece processor with the model of a file: a WebAssembly instance of its own, without its crash handlers.
 * @throws TokenizerError when it does not take the model
 */
export async function loadProcessor(path: string): Promise<SentencePieceProcessor> {
  const before = new Set(Object.keys(HANDLERS).flatMap((event) => process.rawListeners(event)));
  const processor = new SentencePieceProcessor();
  try {
    await processor.load(path);
  } catch (reason) {
    // what C++ throws arrives here as the number of its place in memory
    throw reason instanceof Error ? reason : new TokenizerError(`SentencePiece cannot read the model ${path}`);
  } finally {
    removeHandlers(before);
  }
  return processor;
}

function removeHandlers(before: ReadonlySet<unknown>): void {
  for (const [event, source] of Object.entries(HANDLERS)) {
    for (const listener of process.rawListeners(event)) {
      // others may have added theirs in the meantime
      if (!before.has(listener) && source.test(String(listener))) {
        process.off(event, listener as (...values: unknown[]) => void);
      }
    }
  }
}
