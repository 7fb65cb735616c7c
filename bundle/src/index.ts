export { BundleError } from "./bundle-error.js";
export { calibrateBundle } from "./calibrate.js";
export { casedWordsIn, type KnownWords, type Word, WordFilter, wordsIn } from "./known-words.js";
export { decodeLexicon, encodeLexicon, type Lexicon } from "./lexicon.js";
export {
  type Calibration,
  FORMAT_VERSION,
  type GenerationManifest,
  type Manifest,
  type NewManifest,
  type TensorSpec,
  type TranslationManifest,
} from "./manifest.js";
export { type Bundle, readBundle, verifyBundle } from "./read.js";
export { type NewBundle, requireBundleOrNothing, writeBundle } from "./write.js";
