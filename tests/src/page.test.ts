import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type BrowserPage, chromium, openPage } from "./browser.js";
import { repository } from "./repository.js";

interface Asked {
  readonly model: string;
  readonly text: string;
  readonly key: string | undefined;
  readonly alignments: boolean;
  answer(text: string, more?: { readonly sourceTokens: readonly string[]; readonly hypothesis: object }): void;
  refuse(status: number, body: string): void;
}

/** A server whose translations a test gives. */
class Translations {
  models: object[] = [];
  readonly asked: Asked[] = [];
  private readonly server: Server;

  constructor(page: string) {
    this.server = createServer(async (request, response) => {
      if (request.url === "/") return void response.setHeader("content-type", "text/html").end(page);
      if (request.url === "/v1/models") return json(response, { models: this.models });
      const { model, texts, alignments } = JSON.parse(await textOf(request));
      this.asked.push({
        model,
        text: texts[0],
        key: request.headers["x-api-key"]?.toString(),
        alignments,
        answer: (text, { sourceTokens, hypothesis } = { sourceTokens: [], hypothesis: {} }) => {
          const translations = [{ sourceTokens, hypotheses: [{ text, ...hypothesis }] }];
          json(response, { model, modelVersion: "1", translations });
        },
        refuse: (status, body) => void response.writeHead(status).end(body),
      });
    });
  }

  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** What was asked for as the n-th, when it has come. */
  async nth(n: number): Promise<Asked> {
    while (this.asked.length <= n) await new Promise((resolve) => setTimeout(resolve, 10));
    return this.asked[n]!;
  }
}

function json(response: ServerResponse, body: object): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}

const ARABIC = { name: "en-ar", task: "translation", sourceLanguage: "en", targetLanguage: "ar" };

describe.skipIf(!chromium)("the page", () => {
  let server: Translations;
  let page: BrowserPage;
  let url: string;
  beforeAll(async () => {
    server = new Translations(await readFile(join(repository, "web/index.html"), "utf8"));
    url = await server.start();
    page = await openPage(url);
  });
  afterEach(() => void server.asked.splice(0));
  afterAll(async () => {
    await page?.close();
    await server?.stop();
  });

  const write = (text: string) => page.evaluate(`source.value = ${JSON.stringify(text)}`);
  const press = () => page.evaluate("go.click()");
  const target = () => page.evaluate("target.value");
  const says = (text: string) =>
    page.until(`document.getElementById("status").textContent.startsWith(${JSON.stringify(text)})`);

  it("lists models when there are any, whatever they call their languages", async () => {
    await says("No translation model is served.");
    server.models = [ARABIC, { name: "odd", task: "translation", sourceLanguage: "?", targetLanguage: "en" }];
    await write("Hello!");
    await press();
    (await server.nth(0)).answer("!مرحبا");
    await says("en-ar 1, ");
    expect(await page.evaluate("[target.lang, getComputedStyle(target).direction].join()")).toBe("ar,rtl");
    expect(await page.evaluate("model.length")).toBe(2);
  });

  it("translates a text of any length in parts, and loses none of it", async () => {
    const line = `${"A sentence of some length. ".repeat(30)}\n`;
    const text = `${line.repeat(20)}${"word ".repeat(1500)}${"😀".repeat(6000)}`;
    await page.evaluate(`source.select(); document.execCommand("insertText", false, ${JSON.stringify(text)})`);
    await press();
    const parts: string[] = [];
    while (parts.join("").length < text.length) {
      const { text: part, answer } = await server.nth(parts.length);
      parts.push(part);
      answer(part.toUpperCase());
    }
    await says("en-ar 1, ");
    expect(await target()).toBe(text.toUpperCase());
    expect(parts.every((part) => part.length <= 10_000)).toBe(true);
    expect(parts[0]).toBe(line.repeat(6));
  });

  it("shows what was asked for last, however late an answer to something else comes", async () => {
    await write("first");
    await press();
    const first = await server.nth(0);
    await write("second");
    await press();
    (await server.nth(1)).answer("SECOND");
    await says("en-ar 1, ");
    first.answer("FIRST");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await target()).toBe("SECOND");
  });

  it("asks once while the keys are held", async () => {
    const down = (repeat: boolean) =>
      page.evaluate(
        `source.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, repeat: ${repeat} }))`,
      );
    for (const repeat of [false, true, true]) await down(repeat);
    (await server.nth(0)).answer("ONCE");
    await says("en-ar 1, ");
    expect(server.asked).toHaveLength(1);
    await write("");
    await press();
    await says("There is no text to translate.");
  });

  it("says what went wrong, keeps what there is, and goes on when the server is back", async () => {
    await write(`${"a".repeat(4000)}\n${"b".repeat(4000)}`);
    await press();
    (await server.nth(0)).answer("A");
    (await server.nth(1)).refuse(502, "<html>");
    await says("The server answered with status 502. The translation is not whole.");
    expect(await target()).toBe("A");
    await press();
    (await server.nth(2)).refuse(429, JSON.stringify({ error: { message: "the queue is full" } }));
    await says("the queue is full");
    await server.stop();
    await press();
    await says("The server cannot be reached.");
    await server.start(Number(new URL(url).port));
    await write("c");
    await press();
    (await server.nth(3)).answer("C");
    await says("en-ar 1, ");
    expect(await target()).toBe("C");
  });

  it("asks for a key where one is needed, and sends it", async () => {
    await write("secret");
    await press();
    const first = await server.nth(0);
    expect([first.key, await page.evaluate("locked.hidden")]).toEqual([undefined, true]);
    first.refuse(401, JSON.stringify({ error: { message: "an API key is needed" } }));
    await says("an API key is needed");
    expect(await page.evaluate("locked.hidden")).toBe(false);
    await page.evaluate("key.value = 'k'");
    await press();
    const second = await server.nth(1);
    second.answer("SECRET");
    await says("en-ar 1, ");
    expect(second.key).toBe("k");
    await page.evaluate("key.value = ''");
  });

  it("shows what quality to expect, and what attention looked at when that is wanted", async () => {
    const hypothesis = { confidence: 0.75, alignments: [{ token: "▁B", weights: [0.9, 0.1] }] };
    await write("a");
    await press();
    const plain = await server.nth(0);
    plain.answer("B", { sourceTokens: [], hypothesis: { confidence: 0.75 } });
    await says("en-ar 1, ");
    expect(await page.evaluate("[quality.hidden, confidence.value, confidence.title].join()")).toBe("false,0.75,75 %");
    await page.evaluate("attention.open = true");
    const withPicture = await server.nth(1);
    withPicture.answer("B", { sourceTokens: ["▁a", "</s>"], hypothesis });
    await page.until("picture.querySelectorAll('td').length === 2");
    expect([plain.alignments, withPicture.alignments]).toEqual([false, true]);
    expect(
      await page.evaluate("[...picture.querySelectorAll('th,td')].map((c) => c.textContent || c.title).join()"),
    ).toBe(",▁a,</s>,▁B,▁B ← ▁a 0.90,▁B ← </s> 0.10");
    await press();
    (await server.nth(2)).answer("B");
    await page.until("picture.textContent.startsWith('There is a picture of one sentence')");
    expect(await page.evaluate("quality.hidden")).toBe(true);
    await page.evaluate("attention.open = false");
  });

  it("weighs the quality of parts by their length", async () => {
    await write(`${"a".repeat(3999)}\n${"b".repeat(2000)}`);
    await press();
    (await server.nth(0)).answer("A", { sourceTokens: [], hypothesis: { confidence: 0.9 } });
    (await server.nth(1)).answer("B", { sourceTokens: [], hypothesis: { confidence: 0.3 } });
    await says("en-ar 1, ");
    expect(await page.evaluate("confidence.title")).toBe("70 %");
  });

  it("translates back what it has translated, where a model can, and copies it", async () => {
    expect(await page.evaluate("swap.disabled")).toBe(true);
    const back = { ...ARABIC, name: "ar-en", sourceLanguage: "ar", targetLanguage: "en" };
    server.models = [ARABIC, back];
    await page.evaluate("model.replaceChildren()");
    await write("Hello!");
    await press();
    (await server.nth(0)).answer("!مرحبا");
    await says("en-ar 1, ");
    await page.evaluate(
      "addEventListener('copy', (e) => { copied = e.clipboardData.getData('text/plain'); }); copy.click()",
    );
    await says("Copied.");
    expect(await page.evaluate("copied")).toBe("!مرحبا");
    await page.evaluate("swap.click()");
    expect(await page.evaluate("[model.value, source.value, target.value].join()")).toBe("ar-en,!مرحبا,");
    await press();
    expect(await server.nth(1)).toMatchObject({ model: "ar-en", text: "!مرحبا" });
    server.asked[1]!.answer("Hello!");
    await says("ar-en 1, ");
  });

  it.each([
    ["its languages are swapped", "swap.click()", "en-ar,Hello!,"],
    ["another model is chosen", "model.value = 'en-ar'; model.dispatchEvent(new Event('change'))", "en-ar,Hello!,"],
    ["its text changes", "source.select(); document.execCommand('insertText', false, 'Bye!')", "ar-en,Bye!,"],
  ])("gives a translation up when %s, and shows nothing of it", async (_, change, shown) => {
    await page.evaluate("model.value = 'ar-en'");
    await write("Hello!");
    await press();
    const late = await server.nth(0);
    await page.evaluate(change);
    await says("Given up");
    late.answer("LATE");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await page.evaluate("[model.value, source.value, target.value].join()")).toBe(shown);
    await says("Given up");
    // what is whole stays when the text is changed
    await press();
    (await server.nth(1)).answer("WHOLE");
    await says(`${shown.split(",")[0]} 1, `);
    await page.evaluate("source.dispatchEvent(new Event('input'))");
    expect(await target()).toBe("WHOLE");
  });
});
