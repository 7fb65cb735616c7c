import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { translation } from "@carousel/protos";
import { loadConfig, type Running, startServer } from "@carousel/server";
import { train } from "@carousel/training";
import { CELLS } from "@carousel/training/cells/index";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const recipe = (cell: string) => `
name: ${cell}
task: translation
data:
  folder: .
  source: { language: en, train: text, valid: text }
  target: { language: en, train: text, valid: text }
tokenizer: { type: char, vocabularySize: 40, shared: true }
model:
  embedding: 16
  encoder: { cell: ${cell}, layers: 2, hidden: 16, rowLength: ${cell.startsWith("conv") ? 4 : "null"} }
  decoder: { cell: ${cell.startsWith("conv") ? "lstm" : cell}, layers: 2, hidden: 24 }
  dropout: 0.1
training: { learningRate: 0.01, batchTokens: 300, maxSteps: 12, validateEvery: 6, threads: 1 }
`;

const words = ["one", "two", "three", "four"];
const text = words.flatMap((a) => words.map((b) => `${a} ${b}\n`)).join("");

describe("a model of every cell", () => {
  let folder: string;
  let server: Running;
  let client: translation.TranslationServiceClient;
  const greedy: Record<string, string[]> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-cells-"));
    await writeFile(join(folder, "text"), text);
    for (const cell of Object.keys(CELLS)) {
      const path = join(folder, `${cell}.yaml`);
      await writeFile(path, recipe(cell).replace(", rowLength: null", ""));
      // the exporter refuses a bundle whose graphs do not say what the trained model says
      const { bundle } = await train({
        recipe: path,
        overrides: [`data=${folder}`],
        runFolder: join(folder, "runs", cell),
        onProgress: () => {},
      });
      await cp(bundle!.folder, join(folder, "models", cell), { recursive: true });
    }
    const models = join(folder, "models");
    const ports = { host: "127.0.0.1", grpcPort: 0, httpPort: 0, logLevel: "silent" };
    server = await startServer(loadConfig({ models, jobs: join(folder, "jobs"), ...ports, intraOpThreads: 1 }, {}));
    client = new translation.TranslationServiceClient(`127.0.0.1:${server.grpcPort}`, credentials.createInsecure());
  }, 180_000);

  afterAll(async () => {
    client?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  const translate = (model: string, texts: string[], beamSize: number) =>
    new Promise<translation.TranslateResponse>((resolve, reject) => {
      client.translate(
        translation.TranslateRequest.fromPartial({ model, texts, options: { beamSize, maxLength: 20 } }),
        (error: ServiceError | null, answer: translation.TranslateResponse) =>
          error ? reject(error) : resolve(answer),
      );
    });

  it.each(Object.keys(CELLS))("%s is served, alone as in a batch", async (cell) => {
    const texts = ["one two", "three four one", "four"];
    const together = await translate(cell, texts, 1);
    const said = (answer: translation.TranslateResponse) => answer.translations.map((t) => t.hypotheses[0]!.text);
    greedy[cell] = said(together);
    const alone = await Promise.all(texts.map((t) => translate(cell, [t], 1)));
    expect(alone.flatMap(said)).toEqual(greedy[cell]);
    expect((await translate(cell, texts, 3)).translations).toHaveLength(3);
  });

  it("is not the same model under eight names", () => {
    expect(new Set(Object.values(greedy).map((t) => t.join("|"))).size).toBeGreaterThan(1);
  });
});
