import { readBundle } from "@carousel/bundle";
import { readLines } from "@carousel/training/data/text";
import { bundleFolder } from "./options.js";

/** Sentences of everyday length, for a bench without a file. */
const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  ja: ["彼は医者です。", "私は昨日、駅で古い友達に会いました。", "明日雨が降ったら、家で本を読むつもりです。"],
  en: ["He is a doctor.", "I met an old friend at the station yesterday.", "If it rains tomorrow, I am going to read."],
};

/** A bundle and sentences for it: those of a file, or some of its language. */
export async function benchSentences({ model, source }: { model: string; source?: string }) {
  const folder = bundleFolder(model);
  const { manifest } = await readBundle(folder);
  const language = manifest.task === "translation" ? manifest.languages.source : "en";
  const sentences = source ? await readLines(source) : (SENTENCES[language] ?? SENTENCES.en!);
  return { folder, name: manifest.name, sentences };
}
