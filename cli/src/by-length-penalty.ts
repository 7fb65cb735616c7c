import { searchOptions, type TranslatedText } from "@carousel/server";
import type { LocalModel } from "@carousel/server/local";
import { lengthPenalty } from "@carousel/server/worker/ranking";

export interface LengthPenaltyOptions {
  readonly sources: readonly string[];
  readonly alphas: readonly number[];
  readonly beam: number;
}

/**
 * The best translations with each of some length penalties: [alphas][sources]. A search takes the same course with all of them,
 * which only rank what it has found, so one does. Where a ranking decides more than that, as each segment of a line has its
 * own, or a loop that comes first is decoded again, there is one search for each.
 */
export async function byLengthPenalty(model: LocalModel, options: LengthPenaltyOptions): Promise<string[][]> {
  const { sources, alphas, beam } = options;
  const search = { beamSize: beam, nBest: beam, lengthPenalty: 0 };
  const texts = alphas.map((): string[] => []);
  const apart: number[] = [];
  let line = 0;
  for await (const found of model.translate(sources, searchOptions(search))) {
    if (!isOneSearch(found)) apart.push(line);
    for (const [k, alpha] of alphas.entries()) texts[k]![line] = best(found, alpha);
    line++;
  }
  for (const [k, alpha] of alphas.entries()) {
    const lines = apart.values();
    const again = apart.map((line) => sources[line]!);
    for await (const found of model.translate(again, searchOptions({ beamSize: beam, lengthPenalty: alpha }))) {
      texts[k]![lines.next().value!] = found.hypotheses[0]!.text;
    }
  }
  return texts;
}

function isOneSearch({ segments, hypotheses }: TranslatedText): boolean {
  return segments === 1 && hypotheses.every((h) => h.guardedSegments === 0 && h.finishReason !== "loop");
}

/** Of hypotheses that were ranked without a length penalty. */
function best({ hypotheses }: TranslatedText, alpha: number): string {
  const scores = hypotheses.map(({ score, tokens }) => score / lengthPenalty(tokens.length, alpha));
  return hypotheses[scores.indexOf(Math.max(...scores))]!.text;
}
