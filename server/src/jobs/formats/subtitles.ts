import { htmlSentence } from "../../translation/inline/markup-document.js";
import { linesOf } from "./lines.js";
import { invalidDocument } from "./text.js";
import { type CutDocument, encodings, type Unit } from "./unit.js";

const TIMES = /^\s*\d+:\d{2}:\d{2}[,.]\d{1,3}\s*-->\s*\d+:\d{2}:\d{2}[,.]\d{1,3}/;

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
  let end = "";
  let spoken: string[] | undefined;
  let times = 0;
  const unit = (): Unit => {
    const [, codes, text] = /^((?:\{\\[^}]*\})*)([\s\S]*)$/.exec(spoken!.join("\n"))!;
    const source = htmlSentence(withTagsOnly(text!), { languages, encode: encodings.none });
    return { lead: lead + codes, source, markup: "none" };
  };
  for await (const line of linesOf(pieces)) {
    if (spoken && line.text.trim() === "") {
      if (spoken.length > 0) {
        yield unit();
        lead = end;
      }
      spoken = undefined;
    }
    if (spoken) spoken.push(line.text);
    else lead += line.text + line.end;
    if (!spoken && TIMES.test(line.text)) [spoken, times] = [[], times + 1];
    end = line.end;
  }
  if (times === 0 && lead.trim() !== "") {
    throw invalidDocument("has no line such as 00:00:01,000 --> 00:00:02,000");
  }
  if (!spoken || spoken.length === 0) return lead;
  yield unit();
  return end;
};
