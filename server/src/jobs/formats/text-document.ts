import { isSpaced } from "../../languages.js";
import { linesOf } from "./lines.js";
import type { CutDocument, Unit } from "./unit.js";

/** A plain text: paragraphs, with empty lines between them. The lines of a paragraph are one text. */
export const cutTextDocument: CutDocument = async function* (pieces, { source }) {
  let lead = "";
  let paragraph: string[] = [];
  let end = "";
  const unit = (): Unit => ({ lead, source: paragraph.join(isSpaced(source) ? " " : "") });
  for await (const line of linesOf(pieces)) {
    if (line.text.trim() !== "") paragraph.push(line.text.trim());
    else if (paragraph.length > 0) {
      yield unit();
      [lead, paragraph] = [end, []];
    }
    if (line.text.trim() === "") lead += line.text + line.end;
    end = line.end;
  }
  if (paragraph.length === 0) return lead;
  yield unit();
  return end;
};
