import { basename } from "node:path";
import { type BleuScore, bleuTokenizerOf, corpusBleu, describeLoss, type LossySpeedup } from "@carousel/training";
import { readAligned } from "@carousel/training/data/parallel";
import { translateAll } from "./translate-all.js";

/** Sentences to measure a loss on, and how they are translated. */
export interface LossTest {
  readonly name: string;
  readonly sources: readonly string[];
  readonly references: readonly string[];
  readonly beam: number;
}

/** A bundle, and what is asked of its search beside the beam. */
export interface Contender {
  readonly folder: string;
  readonly search?: { readonly noShortlist?: true };
}

export interface MeasuredLoss {
  readonly bleu: { readonly before: number; readonly after: number };
  readonly signature: string;
}

/** @throws DataError when a file is missing, or the two are not aligned */
export async function readLossTest(source: string, reference: string, beam: number): Promise<LossTest> {
  const [sources, references] = await readAligned(source, reference);
  return { sources, references, name: basename(source), beam };
}

/** BLEU before and after a speedup that may cost some; the manifest and the card of the bundle after it say what. */
export async function measureLoss(
  test: LossTest,
  { before, after, speedup }: { before: Contender; after: Contender; speedup: LossySpeedup },
): Promise<MeasuredLoss> {
  const [was, is] = [await bleuOf(before, test), await bleuOf(after, test)];
  const measured = { bleu: { before: was.score, after: is.score }, signature: is.signature };
  const loss = { sentences: test.sources.length, beam: test.beam, ...measured };
  await describeLoss(after.folder, { name: test.name, loss, speedup });
  return measured;
}

/** For people; nothing where nothing was measured. */
export function lossLine(measured: MeasuredLoss | undefined): string {
  if (!measured) return "";
  const { bleu, signature } = measured;
  return `BLEU ${bleu.before.toFixed(2)} → ${bleu.after.toFixed(2)}  ${signature}\n`;
}

async function bleuOf({ folder, search }: Contender, { sources, references, beam }: LossTest): Promise<BleuScore> {
  const { hypotheses, model } = await translateAll(folder, { sources, search: { beamSize: beam, ...search } });
  return corpusBleu({ hypotheses, references, tokenizer: bleuTokenizerOf(model.targetLanguage) });
}
