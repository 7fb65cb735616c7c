import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { expect, it } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const carousel = (...flags: string[]) => promisify(execFile)(process.execPath, [path("cli/dist/main.js"), ...flags]);

it("chooses by BLEU how a bundle is searched where nothing is asked, and a request may ask otherwise", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-length-penalty-"));
  const bundle = join(folder, "bundle");
  await cp(path("tests/fixtures/bundles-v2/v2-tiny-translation"), bundle, { recursive: true });
  const sources = Array.from({ length: 60 }, (_, k) => "彼は医者です私学生これ本何か".slice(k % 4, 5 + (k % 9)));
  const said = async (lengthPenalty?: number) => {
    const model = await LocalModel.open(bundle, { intraOpThreads: 1 });
    const texts: string[] = [];
    for await (const { hypotheses } of model.translate(sources, searchOptions({ beamSize: 4, lengthPenalty }))) {
      texts.push(hypotheses[0]!.text);
    }
    await model.close();
    return texts;
  };
  const [short, one, long] = [await said(0), await said(1), await said(4)];
  expect(await said()).toEqual(one);
  expect(long).not.toEqual(short);
  const [source, reference] = ["source", "reference"].map((name) => join(folder, name));
  await writeFile(source!, sources.join("\n"));
  await writeFile(reference!, long.join("\n"));
  const flags = ["--model", bundle, "--beam", "4", "--source", source!, "--reference", reference!];
  const { stdout } = await carousel("calibrate", ...flags, "--length-penalties", "0,4,1", "--json");
  const { lengthPenalty, bleu } = JSON.parse(stdout);
  expect(lengthPenalty).toBe(4);
  expect(bleu.map(({ alpha }: { alpha: number }) => alpha)).toEqual([0, 4, 1]);
  expect(await said()).toEqual(long);
  expect(await said(0)).toEqual(short);
  // another calibration leaves it as it is
  await carousel("calibrate", ...flags);
  expect(await said()).toEqual(long);
  await expect(carousel("calibrate", ...flags, "--length-penalties", "1,,2")).rejects.toThrow("a number from 0 to 10");
  // nor does one that fails
  const nowhere = join(folder, "none", "diagram.svg");
  const failing = carousel("calibrate", ...flags, "--length-penalties", "0", "--diagram", nowhere);
  await expect(failing).rejects.toThrow(`cannot write ${nowhere}: there is no such folder`);
  await writeFile(source!, "\n".repeat(60));
  await expect(carousel("calibrate", ...flags)).rejects.toThrow(
    `0 lines of ${source} are one sentence, at least 50 are`,
  );
  expect(await said()).toEqual(long);
  await rm(folder, { recursive: true });
});

it("calibrates a bundle in its manifest; its translations then have a confidence, better ones a higher one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-calibrate-"));
  const bundle = join(folder, "bundle");
  await cp(path("tests/fixtures/bundles-v2/v2-tiny-translation"), bundle, { recursive: true });
  const sources = Array.from({ length: 60 }, (_, k) => "彼は医者です私学生これ本何か".slice(k % 4, 5 + (k % 9)));
  const plain = await LocalModel.open(bundle, { intraOpThreads: 1 });
  const version = plain.model.version;
  const references: string[] = [];
  for await (const { hypotheses } of plain.translate(sources, searchOptions({ beamSize: 1 }))) {
    expect(hypotheses[0]!.confidence).toBeUndefined();
    // long translations are right, others are not
    references.push(hypotheses[0]!.tokens.length > 10 ? hypotheses[0]!.text : "never so");
  }
  await plain.close();
  const [source, reference, diagram] = ["source", "reference", "diagram.svg"].map((name) => join(folder, name));
  await writeFile(source!, sources.join("\n"));
  await writeFile(reference!, references.join("\n"));
  const files = ["--source", source!, "--reference", reference!, "--diagram", diagram!];
  const { stdout } = await carousel("calibrate", "--model", bundle, "--beam", "1", "--json", ...files);
  expect(JSON.parse(stdout)).toMatchObject({ measure: "chrF2", lines: 60, beam: 1, error: expect.any(Number) });
  expect(await readFile(diagram!, "utf8")).toMatch(/^<svg /);
  const calibrated = await LocalModel.open(bundle, { intraOpThreads: 1 });
  expect(calibrated.model.version).toBe(version);
  const confidence = { right: [] as number[], wrong: [] as number[] };
  let line = 0;
  for await (const { hypotheses } of calibrated.translate(sources, searchOptions({ beamSize: 1 }))) {
    const { text, confidence: sure } = hypotheses[0]!;
    expect(sure! >= 0 && sure! <= 1).toBe(true);
    confidence[text === references[line++] ? "right" : "wrong"].push(sure!);
  }
  await calibrated.close();
  const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
  expect(mean(confidence.right)).toBeGreaterThan(mean(confidence.wrong) + 0.1);
  await rm(folder, { recursive: true });
});
