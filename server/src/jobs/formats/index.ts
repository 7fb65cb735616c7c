import { cutTmx, cutXliff } from "./exchange.js";
import { cutJsonLines, cutLines, cutTsv } from "./lines.js";
import { cutMarkdown } from "./markdown.js";
import { cutSubtitles } from "./subtitles.js";
import { cutTextDocument } from "./text-document.js";
import type { CutDocument } from "./unit.js";

/** How documents of each format are cut into what is translated. */
export const BATCH_FORMATS = {
  lines: cutLines,
  jsonl: cutJsonLines,
  tsv: cutTsv,
  tmx: cutTmx,
  xliff: cutXliff,
  text: cutTextDocument,
  markdown: cutMarkdown,
  srt: cutSubtitles,
} as const satisfies Record<string, CutDocument>;

export type BatchFormat = keyof typeof BATCH_FORMATS;
