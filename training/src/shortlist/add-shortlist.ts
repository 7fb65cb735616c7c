import {
  type Bundle,
  encodeLexicon,
  type Lexicon,
  type Manifest,
  requireBundleOrNothing,
  type TranslationManifest,
} from "@carousel/bundle";
import { Tokenizer } from "@carousel/tokenizer";
import { filterPairs, type ParallelText, type TokenPair } from "../data/parallel.js";
import { compareGraphs } from "../export/compare-graphs.js";
import type { InferenceGraphs } from "../export/graphs.js";
import { graphsOfBundle } from "../export/graphs-of-bundle.js";
import { ParityError, TOLERANCE } from "../export/parity.js";
import { readGraphs, rewriteBundle } from "../export/rewrite-bundle.js";
import { outputOf, SILENT } from "../export/suppressed.js";
import { type Pretrained, readPretrained } from "../trainer/pretrained.js";
import { type LexiconOptions, learnLexicon } from "./learn-lexicon.js";
import { ShortlistError } from "./shortlist-error.js";
import { SHORTLIST_FILE } from "./shortlist-file.js";

export interface ShortlistOptions extends Pick<LexiconOptions, "common" | "best" | "onProgress"> {
  readonly folder: string;
  /** The new bundle's folder, which may be the old one's. */
  readonly out: string;
  /** What the lexicon is learned from: the training text, if it is at hand. */
  readonly text: ParallelText;
}

export interface Shortlisted {
  readonly before: Manifest;
  readonly after: Manifest;
  readonly lexicon: Lexicon;
}

/** Pairs of which one side has so many times the tokens of the other are no translations. */
const WORTH = { maxLength: 256, maxRatio: 9 };

/**
 * Gives a translation bundle a shortlist, learned from parallel text with its own tokenizers. Graphs that take none yet are
 * written anew around the bundle's weights.
 * @throws BundleError when the bundle is none or damaged, ShortlistError when it has nothing to shorten or is in int8 and
 * takes no shortlist, RecipeError when it does not say what its network is, ParityError when the new graphs do not say what
 * the old ones say
 */
export async function addShortlist({ folder, out, text, ...options }: ShortlistOptions): Promise<Shortlisted> {
  await requireBundleOrNothing(out);
  const pretrained = await readPretrained(folder);
  const { bundle } = pretrained;
  const before = translationOf(bundle);
  const graphs = await graphsWithShortlist(pretrained, before);
  const { source, target } = before.vocabulary;
  const lexicon = learnLexicon(await pairsOf(bundle, before, text), {
    ...options,
    sourceVocabulary: source,
    targetVocabulary: target,
    silent: SILENT[outputOf(before.architecture.kind)],
  });
  const after = await rewriteBundle({
    bundle,
    folder: out,
    graphs,
    manifest: { ...before, shortlist: SHORTLIST_FILE },
    files: { [SHORTLIST_FILE]: encodeLexicon(lexicon) },
  });
  return { before, after, lexicon };
}

function translationOf({ folder, manifest }: Bundle): TranslationManifest {
  if (manifest.task === "translation") return manifest;
  throw new ShortlistError(`${folder} has no source whose words become others: only translation has a shortlist`);
}

async function graphsWithShortlist(
  { bundle, weights }: Pretrained,
  manifest: TranslationManifest,
): Promise<InferenceGraphs> {
  const old = await readGraphs(bundle);
  if (manifest.shortlist) return old; // they take one already
  const { architecture, name } = manifest;
  if (architecture.precision === "int8") {
    const advice = "give one to the bundle that it was quantized from, and quantize that";
    throw new ShortlistError(`${bundle.folder} is in int8 and takes no shortlist: ${advice}`);
  }
  const fresh = graphsOfBundle({ ...manifest, shortlist: SHORTLIST_FILE }, { weights });
  const parity = await compareGraphs(manifest, { old, fresh });
  // a number that is not one must not pass
  if (parity <= TOLERANCE) return fresh;
  throw new ParityError(`${name}: the new graphs differ from the old by ${parity} nats a token: nothing is written`);
}

async function pairsOf(bundle: Bundle, manifest: TranslationManifest, text: ParallelText): Promise<TokenPair[]> {
  const { tokenizer } = manifest;
  const [source, target] = await Promise.all(
    [tokenizer.source, tokenizer.target].map(async (file) => Tokenizer.load(bundle.path(file))),
  );
  const pairs = text.source.map((line, k) => ({
    source: source!.encode(line),
    target: target!.encode(text.target[k]!),
  }));
  const { kept } = filterPairs(pairs, WORTH);
  if (kept.length > 0) return kept;
  throw new ShortlistError("there is no pair to learn from: all have an empty side or sides of very different length");
}
