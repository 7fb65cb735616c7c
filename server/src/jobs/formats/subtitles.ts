import { htmlSentence } from "../../translation/inline/markup-document.js";
import { type Line, linesOf } from "./lines.js";
import { invalidDocument } from "./text.js";
import { type CutDocument, encodings, type Unit } from "./unit.js";

const TIMES = /^\s*\d+:\d{2}:\d{2}[,.]\d{1,3}\s*-->\s*\d+:\d{2}:\d{2}[,.]\d{1,3}/;
const NUMBER = /^\s*\d+\s*$/;

/** Tags of one subtitle; where there are more, they are nobody's. */
const MOST_TAGS = 100;

/** SubRip knows these tags; any other `<` and `&` is text. */
function withTagsOnly(text: string): string {
  const escaped = text.replaceAll("&", "&amp;");
  const isTagged = text.split("<").length <= MOST_TAGS;
  return escaped.replace(isTagged ? /<(?!\/?(?:i|b|u|s|font)\b[^<>]*>)/gi : /</g, "&lt;");
}

/** SubRip subtitles: numbers and times stay; the lines of a subtitle are one text, tags such as <i> among them. */
export const cutSubtitles: CutDocument = async function* (pieces, languages) {
  let lead = "";
  let times = 0;
  /** Of the subtitle that is being read; none between two. */
  let spoken: Line[] | undefined;
  const unitOf = (lines: readonly Line[]): Unit => {
    const [, codes, text] = /^((?:\{\\[^}]*\})*)([\s\S]*)$/.exec(lines.map((line) => line.text).join("\n"))!;
    const source = htmlSentence(withTagsOnly(text!), { languages, encode: encodings.none });
    return { lead: lead + codes, source, markup: "none" };
  };
  function* ended(lines: readonly Line[] = []): Generator<Unit> {
    const last = lines.at(-1);
    if (!last) return;
    yield unitOf(lines);
    lead = last.end;
  }
  for await (const line of linesOf(pieces)) {
    const isTimes = TIMES.test(line.text);
    // where no empty line stands before a subtitle, its number has been taken for words of the one before
    const number = isTimes && NUMBER.test(spoken?.at(-1)?.text ?? "") ? spoken?.pop() : undefined;
    if (isTimes || line.text.trim() === "") {
      yield* ended(spoken);
      spoken = undefined;
    }
    if (number) lead += number.text + number.end;
    if (spoken) spoken.push(line);
    else lead += line.text + line.end;
    if (isTimes) [spoken, times] = [[], times + 1];
  }
  if (times === 0 && lead.trim() !== "") {
    throw invalidDocument("has no line such as 00:00:01,000 --> 00:00:02,000");
  }
  yield* ended(spoken);
  return lead;
};
