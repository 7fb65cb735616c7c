import type { NewSentence } from "./running-batch.js";
import { float32, integers, type Tensors } from "./tensor.js";

/** What sentences ask that only a decoder of bundle format 2 takes, one row a sentence (docs/model-bundle.md). */
export function wishFeeds(sentences: readonly NewSentence[]): Tensors {
  const N = sentences.length;
  const most = Math.max(0, ...sentences.map((s) => s.suppressed.length));
  const suppressed = sentences.flatMap((s) => Array.from({ length: most }, (_, k) => s.suppressed[k] ?? -1));
  return {
    slots: integers(
      sentences.map((s) => s.beamSize),
      [N],
    ),
    suppressed: integers(suppressed, [N, most]),
    repetition_penalty: float32(
      Float32Array.from(sentences, (s) => s.repetitionPenalty),
      [N],
    ),
    no_repeat_ngram: integers(
      sentences.map((s) => s.noRepeatNgram),
      [N],
    ),
  };
}
