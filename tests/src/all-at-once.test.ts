import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBundle } from "@carousel/bundle";
import { translation } from "@carousel/protos";
import { loadConfig, type Running, startServer } from "@carousel/server";
import { addShortlist, quantizeBundle, train } from "@carousel/training";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const RECIPE = `
name: floats
task: translation
data:
  folder: .
  source: { language: en, train: text.en, valid: valid.en }
  target: { language: fr, train: text.fr, valid: valid.fr }
tokenizer: { type: word, vocabularySize: 40 }
model:
  kind: ctc
  embedding: 24
  encoder: { hidden: 32 }
  upsample: 2
  layersAfter: 1
training:
  learningRate: 0.01
  schedule: { kind: cosine, warmupSteps: 20, final: 0.05 }
  batchTokens: 300
  maxSteps: 300
  validateEvery: 300
  threads: 1
export: { shortlist: { common: 2, best: 3 } }
`;

const NOUNS = [
  ["cat", "chat"],
  ["dog", "chien"],
  ["man", "homme"],
  ["horse", "cheval"],
];
const ADJECTIVES = [
  ["", ""],
  ["small ", " petit"],
  ["red ", " rouge"],
  ["happy ", " bien content"],
];
const VERBS = [
  ["sees", "voit"],
  ["likes", "aime bien"],
  ["wants", "veut"],
];

/** Every sentence of a tiny English, with its French, whose adjectives stand behind. */
const PAIRS = NOUNS.flatMap((a) =>
  ADJECTIVES.flatMap((b) =>
    VERBS.flatMap((c) =>
      NOUNS.flatMap((d) =>
        ADJECTIVES.map((e) => ({
          en: `the ${b[0]}${a[0]} ${c[0]} the ${e[0]}${d[0]}`,
          fr: `le ${a[1]}${b[1]} ${c[1]} le ${d[1]}${e[1]}`,
        })),
      ),
    ),
  ),
);
const HELD = PAIRS.filter((_, k) => k % 17 === 5);
const SEEN = [...PAIRS.filter((_, k) => k % 17 !== 5), { en: "hello", fr: "bonjour madame" }];

describe("translation without a decoder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-all-at-once-"));
    for (const [name, pairs] of Object.entries({ text: SEEN, valid: HELD })) {
      for (const side of ["en", "fr"] as const) {
        await writeFile(join(folder, `${name}.${side}`), pairs.map((pair) => `${pair[side]}\n`).join(""));
      }
    }
    const recipe = join(folder, "recipe.yaml");
    await writeFile(recipe, RECIPE);
    const runFolder = join(folder, "floats");
    await train({ recipe, overrides: [`data=${folder}`], runFolder, onProgress: () => {} });
    await quantizeBundle({ folder: join(runFolder, "bundle"), out: join(folder, "int8", "bundle") });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  it("has a shortlist, and may get another", async () => {
    const folders = ["floats", "int8"].map((name) => join(folder, name, "bundle"));
    const text = { source: HELD.map((pair) => pair.en), target: HELD.map((pair) => pair.fr) };
    for (const bundle of folders) {
      const { before, after } = await addShortlist({ folder: bundle, out: join(folder, "other"), text, common: 1 });
      expect(after.version).not.toBe(before.version);
      expect(before).toMatchObject({ shortlist: "shortlist.bin" });
    }
  });

  it("goes on from its own bundle where it ended, the blank as likely as it was", async () => {
    const bundle = join(folder, "floats", "bundle");
    const steps = ["training.learningRate=1e-6", "training.maxSteps=1", "training.validateEvery=1"];
    const { bundle: next } = await train({
      recipe: join(folder, "recipe.yaml"),
      overrides: [`data=${folder}`, `from=${bundle}`, ...steps],
      runFolder: join(folder, "further"),
      onProgress: () => {},
    });
    const { perplexity } = (await readBundle(bundle)).manifest.metrics.valid as { perplexity: number };
    const valid = next!.manifest.metrics.valid as { perplexity: number };
    expect(Math.abs(valid.perplexity / perplexity - 1)).toBeLessThan(0.02);
  });

  describe.each(["floats", "int8"])("trained, exported and served in %s", (precision) => {
    let server: Running;
    let client: translation.TranslationServiceClient;
    beforeAll(async () => {
      const ports = { host: "127.0.0.1", grpcPort: 0, httpPort: 0, logLevel: "silent" };
      const folders = { models: join(folder, precision), jobs: join(folder, "jobs", precision) };
      server = await startServer(loadConfig({ ...folders, ...ports, intraOpThreads: 1 }, {}));
      client = new translation.TranslationServiceClient(`127.0.0.1:${server.grpcPort}`, credentials.createInsecure());
    });
    afterAll(async () => {
      client?.close();
      await server?.close();
    });

    const ask = (request: translation.DeepPartial<translation.TranslateRequest>) =>
      new Promise<translation.Translation[]>((resolve, reject) => {
        client.translate(
          translation.TranslateRequest.fromPartial({ sourceLanguage: "en", targetLanguage: "fr", ...request }),
          (error: ServiceError | null, answer: translation.TranslateResponse) =>
            error ? reject(error) : resolve(answer.translations),
        );
      });
    const best = ({ hypotheses }: translation.Translation) => hypotheses[0]!.text;

    it("says what it was never told in training, alone as in a batch, whatever the beam", async () => {
      const texts = HELD.map((pair) => pair.en);
      const together = await ask({ texts });
      const said = together.map(best);
      expect(said.filter((text, k) => text === HELD[k]!.fr).length).toBeGreaterThan(0.9 * HELD.length);
      expect((await ask({ texts, options: { beamSize: 4 } })).map(best)).toEqual(said);
      const free = (await ask({ texts, options: { noShortlist: true } })).map(best);
      expect(free.filter((text, k) => text === HELD[k]!.fr).length).toBeGreaterThan(0.9 * HELD.length);
      expect(await ask({ texts: texts.slice(0, 1) })).toEqual(together.slice(0, 1));
    });

    it("has other hypotheses, and an alignment of each", async () => {
      const [found] = await ask({ texts: [HELD[0]!.en], options: { beamSize: 4, nBest: 3, alignments: true } });
      expect(new Set(found!.hypotheses.map((h) => h.text)).size).toBe(3);
      for (const { alignments, tokens } of found!.hypotheses) {
        expect(alignments.map((a) => a.weights.reduce((x, y) => x + y))).toEqual(tokens.map(() => 1));
      }
    });

    it("comes by a stream, in order", async () => {
      const stream = client.translateStream();
      const said: string[] = [];
      const ended = new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
      stream.on("data", (m: translation.TranslateStreamResponse) => void said.push(best(m.translation!)));
      const settings = { sourceLanguage: "en", targetLanguage: "fr" };
      HELD.forEach(({ en: text }, k) => {
        stream.write(translation.TranslateStreamRequest.fromPartial(k === 0 ? { settings, text } : { text }));
      });
      stream.end();
      await ended;
      expect(said).toEqual((await ask({ texts: HELD.map((pair) => pair.en) })).map(best));
    });

    it("has the tags of its source, once each, and no other words for it", async () => {
      const [found] = await ask({
        texts: ["<p>the small <b>cat</b> sees the {x} dog</p>"],
        format: translation.TextFormat.TEXT_FORMAT_HTML,
      });
      expect(best(found!)).toMatch(/^<p>.*<b>.+<\/b>.*<\/p>$/);
      expect(best(found!).match(/\{x\}/g)).toHaveLength(1);
    });

    it.each([
      { than: "as long as", target: "madame" },
      { than: "longer than", target: "bonjour madame" },
    ])("has a term $than the word that it stands for, and the others once", async ({ target }) => {
      const texts = ["the cat sees the dog"];
      const [[free], [found]] = await Promise.all([ask({ texts }), ask({ texts, terms: [{ source: "cat", target }] })]);
      expect(found!.hypotheses[0]!.termViolations).toEqual([]);
      const [before, behind] = best(found!).split(target) as [string, string];
      const words = best(free!).split(" ");
      const at = before.trim().split(" ").length;
      expect(`${before}…${behind}`).toBe(words.with(at, "…").join(" "));
    });

    it("goes on behind a prefix", async () => {
      const texts = ["the small cat sees the dog"];
      const [[free], [found]] = await Promise.all([ask({ texts }), ask({ texts, targetPrefixes: ["le chat rouge"] })]);
      const words = best(free!).split(" ");
      expect(best(found!)).toBe(words.with(2, "rouge").join(" "));
    });
  });
});
