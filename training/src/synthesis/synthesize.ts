import { alone } from "../alone.js";
import { DataError } from "../data/data-error.js";
import type { ProgressOutput } from "../trainer/progress-line.js";
import { AlignedFile } from "./aligned-file.js";
import { best, type Choice } from "./choice.js";
import { LineProgress } from "./progress.js";
import { identify, streamLines, type TextIdentity } from "./text-stream.js";

/** A line of a file; the first has number 0. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** Hypotheses, best first; none, and why, for a line that cannot be translated. */
export interface TranslatedLine {
  readonly hypotheses: readonly string[];
  readonly problem?: string;
}

/** Translates lines in order; a line's translation depends on its text and its number alone. */
export interface LineTranslator {
  /** The model and all options of its search: what else decides a translation. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** @param onTranslated called once for each line when it is done, in any order */
  translate(lines: AsyncIterable<NumberedLine>, onTranslated: () => void): AsyncIterable<TranslatedLine>;
}

export interface SynthesisOptions {
  readonly translator: LineTranslator;
  /** Files of one sentence a line. */
  readonly source: string;
  readonly output: string;
  /** What the choice among hypotheses looks at: a file aligned with the source. */
  readonly closestTo?: { readonly reference: string; readonly choice: Choice };
  readonly start: "new" | "resume";
  /** Standard error, for instance. */
  readonly progress: ProgressOutput;
}

export interface Synthesis {
  readonly lines: number;
  /** Lines that hold text and for which an empty line was written, in this run. */
  readonly untranslated: number;
  /** Why the first of them was not translated. */
  readonly problem?: string;
}

/**
 * Writes the other side of a text by a model: one line out for each line in, in order, so that the two align. Training
 * leaves pairs with an empty side out, so what cannot be translated is an empty line.
 * @throws DataError, or OccupiedError when another process writes the same file
 */
export async function synthesize(options: SynthesisOptions): Promise<Synthesis> {
  return alone({ path: options.output, lock: `${options.output}.lock` }, () => synthesizeAlone(options));
}

async function synthesizeAlone(options: SynthesisOptions): Promise<Synthesis> {
  const { translator, source, closestTo, progress: output } = options;
  const [identity, reference] = [await identify(source), closestTo && (await identify(closestTo.reference))];
  checkAlignment(options, identity, reference);
  const origin = { ...translator.identity, source: identity, ...(reference ? { reference } : {}) };
  const file = await AlignedFile.open({ path: options.output, origin, start: options.start });
  const progress = new LineProgress({ output, total: identity.lines, before: file.linesBefore });
  try {
    const translations = translator.translate(linesFrom(source, file.linesBefore), () => progress.count());
    const problems = await write(translations, { file, ...options });
    progress.end();
    return { lines: identity.lines, ...problems };
  } finally {
    await file.close();
  }
}

/** Chooses and appends a line for each translation. */
async function write(
  translations: AsyncIterable<TranslatedLine>,
  { file, source, closestTo }: { file: AlignedFile } & Pick<SynthesisOptions, "source" | "closestTo">,
): Promise<Omit<Synthesis, "lines">> {
  const choose = closestTo?.choice ?? best;
  const sources = linesFrom(source, file.linesBefore);
  const references = closestTo ? linesFrom(closestTo.reference, file.linesBefore) : undefined;
  const found: { untranslated: number; problem?: string } = { untranslated: 0 };
  for await (const { hypotheses, problem = "its translation is empty" } of translations) {
    const { number, text } = (await sources.next()).value!;
    const reference = references ? (await references.next()).value!.text : "";
    const line = choose(hypotheses.map(asLine), reference);
    await file.append(line);
    if (line !== "" || text.trim() === "") continue;
    found.untranslated++;
    found.problem ??= `line ${number + 1}: ${problem}`;
  }
  return found;
}

/** Throws DataError when a line of the reference does not belong to each line of the source. */
function checkAlignment(
  { source, closestTo }: SynthesisOptions,
  { lines }: TextIdentity,
  reference: TextIdentity | undefined,
): void {
  if (!reference || reference.lines === lines) return;
  throw new DataError(
    `${source} has ${lines} lines but ${closestTo!.reference} has ${reference.lines}: they must align line by line`,
  );
}

async function* linesFrom(path: string, from: number): AsyncGenerator<NumberedLine, undefined> {
  let number = 0;
  for await (const text of streamLines(path)) {
    if (number >= from) yield { number, text };
    number++;
  }
  return undefined;
}

/** A hypothesis as one line. */
function asLine(text: string): string {
  return text.replace(/\s*[\r\n]\s*/g, " ").trim();
}
