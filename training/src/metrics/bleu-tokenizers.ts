import { splitWords } from "./words.js";

/**
 * 13a: words and punctuation, as WMT's mteval-v13a splits them. char: every character is a token. none: the text is
 * tokenized already, a token ends at a space.
 */
export const BLEU_TOKENIZERS = ["13a", "char", "none"] as const;
export type BleuTokenizer = (typeof BLEU_TOKENIZERS)[number];

/** The usual tokenizer of a language (a BCP 47 tag): characters where words are written without spaces, otherwise 13a. */
export function bleuTokenizerOf(language: string): BleuTokenizer {
  return /^(ja|zh|yue|th|km|lo|my)\b/i.test(language) ? "char" : "13a";
}

export function bleuTokens(text: string, tokenizer: BleuTokenizer): string[] {
  return splitWords(TOKENIZED[tokenizer](text));
}

const TOKENIZED: Record<BleuTokenizer, (text: string) => string> = {
  "13a": tokenize13a,
  char: (text) => [...text].join(" "),
  none: (text) => text,
};

function tokenize13a(line: string): string {
  const text = line
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return (
    ` ${text} `
      .replace(/[{-~[-` -&(-+:-@/]/gu, " $& ")
      // a period or comma stays with the digits around it
      .replace(/([^0-9])([.,])/gu, "$1 $2 ")
      .replace(/([.,])([^0-9])/gu, " $1 $2")
      .replace(/([0-9])(-)/gu, "$1 $2 ")
  );
}
