import type { Lexicon } from "@carousel/bundle";
import { outputOf, SILENT } from "../export/suppressed.js";
import type { TrainedModel } from "../trainer/extensions.js";
import { readOriginShortlist } from "../trainer/origin.js";
import type { RunFolder } from "../trainer/run-folder.js";
import { alignmentLine } from "./alignment-line.js";
import { learnLexicon } from "./learn-lexicon.js";

/**
 * The shortlist of a trained model: what its text's words become, and what those of the model that it was trained on from
 * did. Undefined when the recipe asks for none.
 */
export async function lexiconOfRun(
  { recipe, corpus: { vocabulary, tokens } }: Pick<TrainedModel, "recipe" | "corpus">,
  run: RunFolder,
): Promise<Lexicon | undefined> {
  if (recipe.task !== "translation" || !recipe.export.shortlist) return undefined;
  const learned = learnLexicon(tokens!.train, {
    sourceVocabulary: vocabulary.source,
    targetVocabulary: vocabulary.target,
    ...recipe.export.shortlist,
    silent: SILENT[outputOf(recipe.model.kind)],
    onProgress: alignmentLine(process.stderr),
  });
  const before = await readOriginShortlist(run, vocabulary);
  return before ? union(before, learned) : learned;
}

function union(a: Lexicon, b: Lexicon): Lexicon {
  const common = merged(a.common, b.common);
  const known = new Set(common);
  const beside = (ids: readonly number[]) => ids.filter((id) => !known.has(id));
  return { common, translations: a.translations.map((ids, source) => beside(merged(ids, b.translations[source]!))) };
}

function merged(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
