import { CarouselError } from "../../errors.js";
import { htmlSentence } from "../../translation/inline/markup-document.js";
import { linesOf } from "./lines.js";
import type { CutDocument } from "./unit.js";

const TIMES = /^\s*\d+:\d{2}:\d{2}[,.]\d{1,3}\s*-->\s*\d+:\d{2}:\d{2}[,.]\d{1,3}/;

/** SubRip subtitles: numbers and times stay; the lines of a subtitle are one text, tags such as <i> among them. */
export const cutSubtitles: CutDocument = async function* (pieces, languages) {
  let lead = "";
  let end = "";
  let spoken: string[] | undefined;
  let times = 0;
  const unit = () => ({ lead, source: htmlSentence(spoken!.join("\n"), languages), markup: "xml" as const });
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
    const description = "has no line such as 00:00:01,000 --> 00:00:02,000";
    throw new CarouselError("INVALID_ARGUMENT", `the document ${description}`, {
      violations: [{ field: "document", description }],
    });
  }
  if (!spoken || spoken.length === 0) return lead;
  yield unit();
  return end;
};
