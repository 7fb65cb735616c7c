import { CarouselError, type Device, derivedSeed, type SearchOptions, type TextHypothesis } from "@carousel/server";
import { LocalModel, type TextRequest } from "@carousel/server/local";
import { bleuTokenizerOf, closest, type LineTranslator, synthesize } from "@carousel/training";
import { bundleFolder } from "./options.js";

export interface SyntheticTextOptions {
  /** Name or folder of a translation bundle. */
  readonly model: string;
  readonly device: Device;
  readonly search: SearchOptions;
  readonly source: string;
  /** Take the hypothesis that is most like the line of this file. */
  readonly reference?: string;
  readonly output: string;
  readonly resume?: true;
}

/** Writes the other side of a file by a bundle, with progress on standard error. */
export async function writeSyntheticText(options: SyntheticTextOptions): Promise<void> {
  const { source, reference, output, search } = options;
  const model = await LocalModel.open(bundleFolder(options.model), { device: options.device });
  try {
    model.requireTask("translation"); // before there is an output, which the next run would find
    const tokenizer = bleuTokenizerOf(model.model.targetLanguage);
    const { lines, untranslated, problem } = await synthesize({
      translator: lineTranslator(model, search),
      source,
      output,
      start: options.resume ? "resume" : "new",
      progress: process.stderr,
      ...(reference ? { closestTo: { reference, choice: closest(tokenizer) } } : {}),
    });
    if (untranslated > 0) {
      process.stderr.write(
        `${untranslated} of ${lines} lines have no translation and are empty; training leaves them out. The first is ${problem}\n`,
      );
    }
  } finally {
    await model.close();
  }
}

function lineTranslator(model: LocalModel, search: SearchOptions): LineTranslator {
  const { name, version } = model.model;
  return {
    identity: { model: name, modelVersion: version, ...search },
    async *translate(lines, onTranslated) {
      async function* requests(): AsyncGenerator<TextRequest> {
        for await (const { number, text } of lines) {
          yield { text, options: drawingApart(search, number), unknownWords: "translated" };
        }
      }
      for await (const outcome of model.translateEach(requests(), { onTranslated })) {
        if (outcome instanceof CarouselError) yield { hypotheses: [], problem: outcome.message };
        else yield { hypotheses: outcome.hypotheses.map(saidIn) };
      }
    },
  };
}

/** Of a line of which the model says nothing but its end, the text is the line itself: nothing to train on. */
function saidIn({ text, tokens }: TextHypothesis): string {
  return tokens.length === 1 ? "" : text;
}

/** Lines that are alike are not sampled alike. */
function drawingApart(search: SearchOptions, line: number): SearchOptions {
  return search.seed === undefined ? search : { ...search, seed: derivedSeed(search.seed, line) };
}
