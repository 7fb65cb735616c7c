/** How a sentence is cut into tokens before n-grams are counted; the names are sacreBLEU's. */
export type BleuTokenizer = "13a" | "char" | "ja-char";

const TOKENIZERS: Readonly<Record<BleuTokenizer, (line: string) => string>> = {
  "13a": tokenize13a,
  char: tokenizeCharacters,
  "ja-char": tokenizeCharacters,
};

export function tokensOf(line: string, tokenizer: BleuTokenizer): string[] {
  const tokenized = TOKENIZERS[tokenizer](line.trimEnd());
  return tokenized.split(/\s+/u).filter((token) => token !== "");
}

/** mteval-v13a, the tokenization of the WMT evaluations. */
function tokenize13a(line: string): string {
  const plain = line
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return ` ${plain} `
    .replace(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    .replace(/([^0-9])([.,])/g, "$1 $2 ")
    .replace(/([.,])([^0-9])/g, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ");
}

function tokenizeCharacters(line: string): string {
  return [...line].join(" ");
}
