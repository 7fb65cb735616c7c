import type { Document } from "./inline/document.js";
import { type Sentence, Sentences, type SentencesOptions, type TranslatedSentence } from "./inline/sentences.js";
import type { TermViolation } from "./terms/term.js";

/** A document whose texts are cut into sentences; it is put together again of their translations. */
export class CutDocument {
  /** What is to be translated, in order. */
  readonly sentences: readonly Sentence[];
  /** Sentences that were too long for one segment. */
  readonly splitSentences: number;
  private readonly texts: readonly Sentences[];

  private constructor(private readonly pieces: readonly (string | Sentences)[]) {
    this.texts = pieces.filter((piece) => typeof piece !== "string");
    this.sentences = this.texts.flatMap((text) => text.sentences);
    this.splitSentences = this.texts.reduce((sum, text) => sum + text.splitSentences, 0);
  }

  /** @param pause awaited before each of its texts */
  static async cut(
    document: Document,
    options: Omit<SentencesOptions, "encode">,
    pause: () => Promise<void>,
  ): Promise<CutDocument> {
    const { encode } = document;
    const pieces: (string | Sentences)[] = [];
    for (const piece of document.pieces) {
      if (typeof piece !== "string") await pause();
      pieces.push(typeof piece === "string" ? piece : new Sentences(piece, { ...options, encode }));
    }
    return new CutDocument(pieces);
  }

  /** The document in the target language. @param translated one for each sentence */
  write(translated: readonly TranslatedSentence[]): string {
    const written = this.shared(translated, (text, own) => text.write(own));
    return this.pieces.map((piece) => (typeof piece === "string" ? piece : written.shift()!)).join("");
  }

  /** Terms that the translations lack. @param translated one for each sentence */
  violations(translated: readonly TranslatedSentence[]): TermViolation[] {
    return this.shared(translated, (text, own) => text.violations(own)).flat();
  }

  /** Gives each text the translations of its own sentences. */
  private shared<T>(
    translated: readonly TranslatedSentence[],
    use: (text: Sentences, own: readonly TranslatedSentence[]) => T,
  ): T[] {
    const left = [...translated];
    return this.texts.map((text) => use(text, left.splice(0, text.sentences.length)));
  }
}
