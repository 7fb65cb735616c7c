import { type AttentionRecipe, parseRecipe } from "../../recipe/index.js";

/**
 * A recipe of a translation whose text is not read: pairs of token ids are made.
 * @param settings `model` and `training` in YAML
 */
export function toyTranslation(vocabulary: number, settings: string, set: readonly string[] = []): AttentionRecipe {
  return parseRecipe(
    `
name: toy
task: translation
data:
  folder: unused
  source: { language: en, train: unused, valid: unused }
  target: { language: en, train: unused, valid: unused }
tokenizer: { type: char, vocabularySize: ${vocabulary} }
${settings}
`,
    { set },
  ) as AttentionRecipe;
}
