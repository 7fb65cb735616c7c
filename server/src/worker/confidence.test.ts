import { readFile } from "node:fs/promises";
import type { Calibration } from "@carousel/bundle";
import { describe, expect, it } from "vitest";
import { searchOptions } from "../gateway/validate.js";
import { LocalModel } from "../local.js";
import { CONFIDENCE_SIGNS, confidence, confidenceFeatures } from "./confidence.js";

const folder = (name: string) => new URL(`../../../models/${name}`, import.meta.url).pathname;
const SHIPPED = ["tatoeba-ja-en", "tatoeba-en-ja", "tatoeba-en-fr", "tatoeba-en-fr-fast"];

describe("the confidence of shipped models", () => {
  it.each(SHIPPED)("is the lower the less likely and the less complete a translation is: %s", async (name) => {
    const { calibration } = JSON.parse(await readFile(`${folder(name)}/manifest.json`, "utf8")) as {
      calibration: Calibration;
    };
    for (const [feature, weight] of Object.entries(calibration.weights)) {
      const sign = CONFIDENCE_SIGNS[feature as keyof typeof CONFIDENCE_SIGNS];
      expect(weight * sign, feature).toBeGreaterThanOrEqual(0);
    }
    const ofTokens = (...logProbabilities: number[]) => {
      const tokens = logProbabilities.map((logProbability) => ({ piece: "", logProbability }));
      const found = { tokens, logProbability: 0, finishReason: "end" } as const;
      return confidence(confidenceFeatures(found), calibration);
    };
    expect(ofTokens(-0.1, -0.1)).toBeGreaterThan(ofTokens(-1, -1));
    expect(ofTokens(-1, -1)).toBeGreaterThan(ofTokens(-20, -20));
    expect(ofTokens(-1000)).toBeLessThan(0.1);
  });

  it("is low of a translation that was begun with what the source does not say", async () => {
    const model = await LocalModel.open(folder("tatoeba-ja-en"));
    const sure = async (prefix: string) => {
      const texts = model.translate(["彼は医者です。"], searchOptions(), { prefixes: [prefix] });
      for await (const { hypotheses } of texts) return hypotheses[0]!.confidence!;
      throw new Error("no translation");
    };
    expect(await sure("xylophone banana")).toBeLessThan(0.3);
    expect(await sure("He")).toBeGreaterThan(0.6);
    await model.close();
  });
});
