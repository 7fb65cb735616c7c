import { type Markup, markup } from "./markup.js";
import type { SampleEntry } from "./sample-log.js";
import { wordsInReference } from "./words-in-reference.js";

/** What the model said by validation: for every sentence its translations, the last first, below the reference. */
export function samplesSection(
  entries: readonly SampleEntry[],
  { language }: { language: string },
): Markup | undefined {
  const last = entries.at(-1);
  if (!last || last.samples.length === 0) return undefined;
  const translated = last.samples[0]!.reference !== undefined;
  const note = translated
    ? "Sentences of the validation data and their greedy translations, the last first. Words that the reference has too are underlined."
    : "Texts that the model drew, with the same random numbers at every validation, the last first.";
  return markup`<section id="samples">
<h2>Samples</h2>
<p class="note">${note}</p>
${last.samples.map((_, index) => sampleCard(entries, { index, language }))}</section>`;
}

function sampleCard(entries: readonly SampleEntry[], { index, language }: { index: number; language: string }): Markup {
  const { source, reference } = entries.at(-1)!.samples[index]!;
  return markup`<article class="sample">
${source === undefined ? undefined : markup`<p class="source"><b>source</b> <span dir="auto">${source}</span></p>\n`}${
  reference === undefined
    ? undefined
    : markup`<p class="reference"><b>reference</b> <span dir="auto" lang="${language}">${reference}</span></p>\n`
}<ol class="said">
${runsOf(entries, index).map(({ when, text }) => said({ when, text, reference, language }))}</ol>
</article>
`;
}

function said(options: { when: string; text: string; reference: string | undefined; language: string }): Markup {
  const { when, text, reference, language } = options;
  const shown =
    reference === undefined
      ? text
      : wordsInReference(text, reference, language).map((s) =>
          s.shared === "shared" ? markup`<u>${s.text}</u>` : s.text,
        );
  if (text === "") return markup`<li><b>${when}</b> <i>nothing</i></li>\n`;
  return markup`<li><b>${when}</b> <span dir="auto" lang="${language}">${shown}</span></li>\n`;
}

interface Run {
  readonly when: string;
  readonly text: string;
}

/** The last first; equal neighbours are one. */
function runsOf(entries: readonly SampleEntry[], index: number): Run[] {
  const runs: { first: SampleEntry; last: SampleEntry; text: string }[] = [];
  for (const entry of entries) {
    const text = entry.samples[index]?.text;
    if (text === undefined) continue;
    const before = runs.at(-1);
    if (before?.text === text) before.last = entry;
    else runs.push({ first: entry, last: entry, text });
  }
  return runs.reverse().map(({ first, last, text }) => ({ when: whenOf(first, last), text }));
}

/** 500, epoch 2; or from where to where. */
function whenOf(first: SampleEntry, last: SampleEntry): string {
  const name = (e: SampleEntry) => (e.kind === "final" ? "final" : String(e.step));
  if (first !== last) return `${name(first)} – ${name(last)}`;
  return first.kind === "final" ? "final" : `${first.step}, epoch ${first.epoch}`;
}
