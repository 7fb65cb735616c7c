import { SaxesParser } from "saxes";
import { searchOptions } from "../../gateway/validate.js";
import type { LocalModel } from "../../local.js";
import type { TextFormat } from "../inline/formats.js";

export const folder = (path: string) => new URL(`../../../../${path}`, import.meta.url).pathname;

export async function translateAll(model: LocalModel, texts: readonly string[], format: TextFormat): Promise<string[]> {
  const written: string[] = [];
  for await (const { hypotheses } of model.translate(texts, searchOptions({ beamSize: 1, maxLength: 20 }), {
    format,
  })) {
    written.push(hypotheses[0]!.text);
  }
  return written;
}

/** The same numbers every time (Lehmer). */
let state = 7;
export const below = (n: number) => {
  state = (state * 48271) % 2147483647;
  return state % n;
};
export const pick = <T>(list: readonly T[]) => list[below(list.length)]!;

export const WORDS = [
  "犬",
  "私は",
  "学生です。",
  "本",
  "a",
  "&amp;",
  "&lt;",
  "今日は",
  "いい天気",
  "。",
  "\n ",
  "2 &gt; 1",
  "!",
  '"',
  "「",
  "」と",
];
export const PLACEHOLDERS = ["{name}", "%1$s", "https://example.com/x?y=1", "jane@example.com", "12 kg", "{{x}}"];

export const tagsOf = (markup: string) => (markup.match(/<!--.*?-->|<[^>]*>/g) ?? []).sort();

export function faultOf(xml: string, entities: Readonly<Record<string, string>> = {}): string | undefined {
  let fault: string | undefined;
  const parser = new SaxesParser({ fragment: true });
  Object.assign(parser.ENTITIES, entities);
  parser.on("error", ({ message }) => {
    fault ??= message;
  });
  parser.write(xml).close();
  return fault;
}
