export { OccupiedError } from "./alone.js";
export { type RenamedOptions, renamed } from "./augmentation/renamed.js";
export { WORD_PAIR_DEFAULTS, wordPairs } from "./augmentation/word-pairs.js";
export { seq2seqConfigOf, stepOperations, translationRecipe } from "./bench/bench-recipe.js";
export { decodeOperations, decodeOperationsOf } from "./bench/decode-operations.js";
export { type GemmRate, Gemms, gemmRates, roofline } from "./bench/gemm.js";
export { operations } from "./bench/operations.js";
export { randomBundleWord, SHAPES, type ShapeName, writeRandomBundle } from "./bench/random-bundle.js";
export { benchTrain, type TrainBench } from "./bench/train.js";
export { DataError } from "./data/data-error.js";
export { AverageError, averageBundles } from "./export/average-bundles.js";
export { describeLoss, INT8, type LossySpeedup, shortlistSpeedup } from "./export/describe-loss.js";
export type { Arithmetic } from "./export/stored-weights.js";
export { upgradeBundle } from "./export/upgrade-bundle.js";
export { addKnownWords } from "./known-words/add-known-words.js";
export { LEAST_OFTEN } from "./known-words/words-seen.js";
export { median } from "./median.js";
export {
  BLEU_TOKENIZERS,
  type BleuScore,
  type BleuSmoothing,
  type BleuTokenizer,
  bleuTokenizerOf,
  corpusBleu,
  sentenceBleu,
} from "./metrics/bleu.js";
export {
  crossFitted,
  fitLogistic,
  type LogisticFit,
  predictLogistic,
  type Reliability,
  reliability,
} from "./metrics/calibration.js";
export { type ChrfScore, corpusChrf, sentenceChrf } from "./metrics/chrf.js";
export { type ErrorRate, sequenceErrorRate, tokenErrorRate } from "./metrics/error-rate.js";
export { bitsPerCharacter, perplexity } from "./metrics/perplexity.js";
export { bestPathTokens, type CtcHypothesis, prefixBeamSearch } from "./objectives/ctc-decoding.js";
export { type Device, DeviceError } from "./onnx/runtime.js";
export { QuantizationError } from "./quantization/quantization-error.js";
export { PRECISIONS, type Quantized, quantizeBundle, type TargetPrecision } from "./quantization/quantize-bundle.js";
export { loadRecipe, parseRecipe, type Recipe, RecipeError } from "./recipe/index.js";
export { reliabilityDiagram } from "./report/reliability-diagram.js";
export { addShortlist, type Shortlisted } from "./shortlist/add-shortlist.js";
export { alignmentLine } from "./shortlist/alignment-line.js";
export { LEXICON_DEFAULTS } from "./shortlist/lexicon-defaults.js";
export { ShortlistError } from "./shortlist/shortlist-error.js";
export { closest } from "./synthesis/choice.js";
export {
  type LineTranslator,
  type NumberedLine,
  type Synthesis,
  synthesize,
  type TranslatedLine,
} from "./synthesis/synthesize.js";
export { type Trained, type TrainOptions, train } from "./train-recipe.js";
export type { OnProgress, StepEvent, TrainingEvent, ValidationEvent } from "./trainer/events.js";
export { progressLine } from "./trainer/progress-line.js";
export { TrainingError } from "./trainer/training-error.js";
