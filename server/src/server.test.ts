import { BadRequest, generation, glossary, model, SearchOptions, translation } from "@carousel/protos";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Running, startServer } from "./roles.js";
import { call, detailOf, request, TestFolder, TestTranslator } from "./test-support/test-server.js";

let test: TestFolder;

beforeAll(async () => {
  test = await TestFolder.create();
});
afterAll(() => test.remove());

describe("one process", () => {
  let server: Running;
  let translator: TestTranslator;
  const address = () => `127.0.0.1:${server.grpcPort}`;
  const http = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.httpPort}${path}`, init);

  beforeAll(async () => {
    server = await startServer(test.config());
    translator = new TestTranslator(server.grpcPort);
  });
  afterAll(async () => {
    translator.close();
    await server.close();
  });

  const translate = (texts: string[], changes: Partial<typeof request> = {}) => translator.translate(texts, changes);

  it("translates many texts, in order, with hypotheses", async () => {
    const {
      translations,
      model: name,
      modelVersion,
    } = await translate(["彼は医者です。", "", "これは本です。\n私は学生です。"]);
    expect(name).toBe("v1-tiny-translation");
    expect(modelVersion).toMatch(/^[0-9a-f]{16}$/);
    expect(translations.map((t) => t.segments)).toEqual([1, 0, 2]);
    expect(translations[0]!.hypotheses).toHaveLength(2);
    expect(translations[0]!.hypotheses[0]!.score).toBeGreaterThanOrEqual(translations[0]!.hypotheses[1]!.score);
    expect(translations[1]!.hypotheses[0]!.text).toBe("");
    expect(translations[2]!.hypotheses[0]!.text).toContain("\n");
  });

  it("gives the same answers alone as in company", async () => {
    const texts = ["彼は医者です。", "これは本です。", "私は学生です。", "それは何ですか。"];
    const together = await translate(texts);
    const alone = await Promise.all(texts.map((text) => translate([text])));
    const scores = (t: translation.Translation[]) => t.map((x) => x.hypotheses.map((h) => h.text));
    expect(scores(alone.map((a) => a.translations[0]!))).toEqual(scores(together.translations));
  });

  it("streams texts through, in order", async () => {
    const stream = translator.client.translateStream();
    const texts = Array.from({ length: 100 }, (_, k) => (k % 2 ? "彼は医者です。" : ""));
    texts.forEach(
      (text, k) =>
        void stream.write({ text, targetPrefix: "", settings: k === 0 ? { ...request, texts: [] } : undefined }),
    );
    stream.end();
    const got: string[] = [];
    for await (const r of stream as AsyncIterable<translation.TranslateStreamResponse>)
      got.push(r.translation!.hypotheses[0]!.text);
    expect(got).toHaveLength(100);
    expect(got.map((t) => t === "")).toEqual(texts.map((t) => t === ""));
  });

  it("refuses texts in the settings of a stream, which it would not read", async () => {
    const outcome = (settings: Partial<typeof request>) =>
      new Promise<ServiceError>((resolve) => {
        const stream = translator.client.translateStream();
        stream.on("data", () => {});
        stream.on("error", resolve);
        stream.end({ text: "本", targetPrefix: "", settings: { ...request, texts: [], ...settings } });
      });
    expect(await outcome({ texts: ["犬"] })).toMatchObject({
      code: 3,
      details: "settings.texts must be empty: every message brings one text",
    });
    expect(await outcome({ targetPrefixes: ["a"] })).toMatchObject({ code: 3 });
  });

  it("counts a stream once, whenever its caller leaves it", async () => {
    const counted = async () => {
      const said = await (await http("/metrics")).text();
      const counts = said.matchAll(/^carousel_requests_total.*TranslateStream".* (\d+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const abandoned = (more: (stream: ReturnType<typeof translator.client.translateStream>) => void) =>
      new Promise<void>((resolve) => {
        const stream = translator.client.translateStream();
        stream.once("data", () => stream.cancel());
        stream.on("error", () => resolve());
        stream.write({ text: "", targetPrefix: "", settings: { ...request, texts: [] } });
        more(stream);
      });
    const before = await counted();
    await abandoned(() => {}); // nothing is on its way any more
    await vi.waitFor(async () => expect(await counted()).toBe(before + 1));
    await abandoned((stream) => {
      for (let k = 0; k < 20; k++) stream.write({ text: "本".repeat(60), targetPrefix: "", settings: undefined });
    });
    await vi.waitFor(async () => expect(await counted()).toBeGreaterThan(before + 1));
    await translate(["彼は医者です。"]);
    expect(await counted()).toBe(before + 2);
  });

  it("names the field and the limit of a bad option", async () => {
    const error = await translate(["a"], { options: { ...request.options!, beamSize: 99 } }).catch((e) => e);
    expect(error).toMatchObject({ code: 3, details: "options.beam_size is 99; it must be from 1 to 16" });
    expect(BadRequest.decode(detailOf(error, "BadRequest")!).fieldViolations[0]!.field).toBe("options.beam_size");
    await expect(translate(["x".repeat(10_001)])).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining("10000"),
    });
    await expect(translate([])).rejects.toMatchObject({ code: 3 });
  });

  it("names the text that is no XML", async () => {
    const error = await translate(["<p>犬</p>", "<p>犬"], { format: translation.TextFormat.TEXT_FORMAT_XML }).catch(
      (e) => e,
    );
    expect(error.details).toMatch(/^texts\[1\] is not well-formed XML: 1:\d+: unclosed tag: p/);
  });

  it("names the pair and the prefix that are too long", async () => {
    const pairs = [
      { source: "犬", target: "dog" },
      { source: "犬", target: "dog ".repeat(300) },
    ];
    const scored = call(
      translator.client,
      "score",
      translation.ScoreRequest.fromPartial({ model: "v1-tiny-translation", pairs }),
    );
    await expect(scored).rejects.toMatchObject({
      code: 3,
      details: expect.stringMatching(/^pairs\[1\].target has \d+ tokens; the limit of/),
    });
    const begun = translate(["犬", "犬"], { targetPrefixes: ["a", "dog ".repeat(300)] });
    await expect(begun).rejects.toMatchObject({
      details: expect.stringMatching(/^target_prefixes\[1\] has \d+ tokens/),
    });
  });

  it("says which models there are when the one wanted is not", async () => {
    await expect(translate(["a"], { model: "none" })).rejects.toMatchObject({
      code: 5,
      details: "there is no model none; served: v1-tiny-generation, v1-tiny-translation",
    });
    await expect(translate(["a"], { targetLanguage: "fr" })).rejects.toMatchObject({ code: 5 });
    await expect(translate(["a"], { model: "v1-tiny-translation@x@y" })).rejects.toMatchObject({
      code: 5,
      details: expect.stringContaining("v1-tiny-translation@x@y: there is no such version"),
    });
  });

  it("keeps to the caller's deadline", async () => {
    const settings = { deadline: Date.now() + 1 };
    await expect(translator.translate(["彼は医者です。"], {}, settings)).rejects.toMatchObject({ code: 4 });
  });

  it("generates, at once and as a stream, and repeats itself for a seed", async () => {
    const client = new generation.GenerationServiceClient(address(), credentials.createInsecure());
    const wish = generation.GenerateRequest.fromPartial({
      model: "v1-tiny-generation",
      prompt: "He",
      maxTokens: 20,
      seed: 7,
    });
    const whole = await call<generation.GenerateRequest, generation.GenerateResponse>(client, "generate", wish);
    let streamed = "";
    for await (const piece of client.generateStream(wish) as AsyncIterable<generation.GenerateStreamResponse>)
      streamed += piece.text;
    expect(streamed).toBe(whole.text);
    const other = await call<generation.GenerateRequest, generation.GenerateResponse>(client, "generate", {
      ...wish,
      seed: 8,
    });
    expect(other.text).not.toBe(whole.text);
    client.close();
  });

  it("lists its models", async () => {
    const client = new model.ModelServiceClient(address(), credentials.createInsecure());
    const { models } = await call<model.ListModelsRequest, model.ListModelsResponse>(client, "listModels", {});
    expect(models.map((m) => m.name)).toEqual(["v1-tiny-generation", "v1-tiny-translation"]);
    client.close();
  });

  it("keeps glossaries and holds translations to them, or says what is violated, over gRPC and HTTP", async () => {
    const client = new glossary.GlossaryServiceClient(address(), credentials.createInsecure());
    const ask = <A>(method: string, message: object) => call<object, A>(client, method, message);
    const terms = [glossary.Term.fromPartial({ source: "医者", target: "physician", case: 3, inflection: 2 })];
    const med = glossary.Glossary.fromPartial({ name: "med", sourceLanguage: "ja", targetLanguage: "en", terms });
    await expect(ask("createGlossary", { glossary: med })).resolves.toMatchObject({ name: "med", termCount: 1 });
    await expect(ask("createGlossary", { glossary: med })).rejects.toMatchObject({ code: 6 });
    await expect(ask("createGlossary", { glossary: { ...med, name: "M" } })).rejects.toMatchObject({ code: 3 });
    await expect(ask("listGlossaries", {})).resolves.toMatchObject({ glossaries: [{ name: "med", terms: [] }] });
    await expect(ask("getGlossary", { name: "med" })).resolves.toMatchObject({ terms });

    const held = ({ translations }: Pick<translation.TranslateResponse, "translations">) => {
      const { text, termViolations } = translations[0]!.hypotheses[0]!;
      return /physician/i.test(text) !== termViolations.some((v) => v.target === "physician");
    };
    expect(held(await translate(["彼は医者です。"], { glossaries: ["med"] }))).toBe(true);
    expect(held(await translate(["彼は医者です。"], { terms }))).toBe(true);
    const inline = { terms: [{ source: "医者", target: "physician", case: "any", inflection: "suffix" }] };
    for (const more of [{ glossaries: ["med"] }, inline]) {
      const body = { texts: ["彼は医者です。"], sourceLanguage: "ja", targetLanguage: "en", ...more };
      const answer = await http("/v1/translate", { method: "POST", body: JSON.stringify(body) });
      expect(held((await answer.json()) as translation.TranslateResponse)).toBe(true);
    }

    await expect(ask("deleteGlossary", { name: "med" })).resolves.toEqual({});
    await expect(ask("deleteGlossary", { name: "med" })).rejects.toMatchObject({ code: 5 });
    await expect(translate(["彼は医者です。"], { glossaries: ["med"] })).rejects.toMatchObject({ code: 5 });
    client.close();
  });

  it("answers over HTTP: page, JSON, probes, metrics", async () => {
    const body = JSON.stringify({
      texts: ["彼は医者です。"],
      sourceLanguage: "ja",
      targetLanguage: "en",
      maxLength: 8,
      alignments: true,
    });
    const answer = (await (await http("/v1/translate", { method: "POST", body })).json()) as {
      translations: translation.Translation[];
    };
    const options = SearchOptions.fromPartial({ maxLength: 8, alignments: true });
    const asked = await translate(["彼は医者です。"], { options });
    const [overHttp, overGrpc] = [answer, asked].map(({ translations: [translation] }) => {
      const { alignments, hardAlignment, tokens, text } = translation!.hypotheses[0]!;
      const weights = alignments.map((a) => ({ ...a, weights: a.weights.map((w) => w.toFixed(4)) }));
      return {
        sourceTokens: translation!.sourceTokens,
        weights,
        hardAlignment,
        pieces: tokens.map((t) => t.piece),
        text,
      };
    });
    expect(overHttp).toEqual(overGrpc);
    expect(overHttp!.weights.map((a) => a.token)).toEqual(overHttp!.pieces);
    const bad = await http("/v1/translate", { method: "POST", body: JSON.stringify({ texts: ["a"], beamsize: 3 }) });
    expect(bad.status).toBe(400);
    expect(await bad.text()).toContain("beamsize");
    expect((await http("/healthz")).status).toBe(200);
    expect((await http("/readyz")).status).toBe(200);
    expect(await (await http("/metrics")).text()).toContain(
      'carousel_requests_total{protocol="http",method="translate",code="OK",client="anonymous"}',
    );
    const said = await (await http("/metrics")).text();
    expect(said).toMatch(/carousel_worker_segments_total\{code="OK"\} [1-9]/);
    expect(said).toMatch(/carousel_worker_tokens_total\{side="target"\} [1-9]/);
    expect(said).toMatch(/carousel_worker_batch_sentences_count [1-9]/);
    expect(said).toContain("nodejs_eventloop_lag_p99_seconds");
    expect(await (await http("/")).text()).toContain("<title>Carousel");
  });
});
