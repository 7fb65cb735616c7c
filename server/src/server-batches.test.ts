import { readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { batch } from "@carousel/protos";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, startServer } from "./roles.js";
import { call, request, TestFolder, TestTranslator } from "./test-support/test-server.js";

describe("batch jobs of one process", () => {
  let test: TestFolder;
  let server: Running;
  const address = () => `127.0.0.1:${server.grpcPort}`;
  const http = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.httpPort}${path}`, init);

  beforeAll(async () => {
    test = await TestFolder.create();
    server = await startServer(test.config());
  });
  afterAll(async () => {
    await server.close();
    await test.remove();
  });

  it("runs a batch job", async () => {
    const client = new batch.BatchServiceClient(address(), credentials.createInsecure());
    const texts = Array.from({ length: 130 }, (_, k) => ["彼は医者です。", ""][k % 2]!);
    const { sourceLanguage, targetLanguage, options } = request;
    const wanted = { ...batch.CreateBatchRequest.create(), sourceLanguage, targetLanguage, options, texts };
    const { id } = await call<batch.CreateBatchRequest, batch.Batch>(client, "createBatch", wanted);
    let last: batch.Batch | undefined;
    for await (const job of client.watchBatch({ id }) as AsyncIterable<batch.Batch>) last = job;
    expect(last).toMatchObject({ state: batch.BatchState.BATCH_STATE_DONE, completed: 130, failed: 0 });
    const lines: number[] = [];
    for await (const result of client.readResults({ id, fromLine: 0 }) as AsyncIterable<batch.BatchResult>)
      lines.push(result.line);
    expect(lines).toEqual(texts.map((_, k) => k));
    client.close();
  });

  it("translates a document that is uploaded in pieces", async () => {
    const client = new batch.BatchServiceClient(address(), credentials.createInsecure());
    const document = Buffer.from('{"id":"一","text":"彼は医者です。"}\n');
    const upload = (pieces: Partial<batch.UploadBatchRequest>[]) =>
      new Promise<batch.Batch>((resolve, reject) => {
        const stream = client.uploadBatch((error, job) => (error ? reject(error) : resolve(job)));
        for (const piece of pieces) stream.write(batch.UploadBatchRequest.fromPartial(piece));
        stream.end();
      });
    const settings = batch.CreateBatchRequest.fromPartial({
      sourceLanguage: request.sourceLanguage,
      targetLanguage: request.targetLanguage,
    });
    const format = batch.BatchFormat.BATCH_FORMAT_JSONL;
    // a character is cut in two
    const { id } = await upload([{ settings, format, data: document.subarray(0, 9) }, { data: document.subarray(9) }]);
    for await (const _ of client.watchBatch({ id }) as AsyncIterable<batch.Batch>);
    let written = "";
    for await (const { data } of client.readDocument(
      batch.ReadDocumentRequest.fromPartial({ id }),
    ) as AsyncIterable<batch.DocumentPiece>)
      written += data;
    expect(JSON.parse(written)).toMatchObject({ id: "一", text: "彼は医者です。", translation: expect.any(String) });
    await expect(upload([{ settings: { ...settings, outputForm: 99 as never } }])).rejects.toThrow(
      "output_form is 99; it must be",
    );
    await expect(upload([{ data: document }])).rejects.toThrow("settings must be in the first message");
    await expect(upload([{ settings, data: Buffer.from([0xff, 0xfe]) }])).rejects.toThrow("is not UTF-8 in line 1");
    await expect(upload([{ settings, format, data: Buffer.from("x\n") }])).rejects.toThrow("is not JSON in line 1");
    client.close();
  });

  it("answers calls while a document is read that is long work", async () => {
    const before: string[] = [];
    const quotations = `${"> ".repeat(25_000)}word`; // work that grows with the square of its length
    const submit = http("/v1/batches?sourceLanguage=ja&targetLanguage=en&format=markdown", {
      method: "POST",
      body: quotations,
    }).then(() => before.push("document"));
    const translator = new TestTranslator(server.grpcPort);
    for (let k = 0; k < 20; k++) {
      await translator.translate(["彼は医者です。"]);
      before.push("call");
    }
    translator.close();
    await submit;
    expect(before.indexOf("document")).toBe(20);
  });

  it("refuses a document that takes more memory than it may, and lives on", async () => {
    const small = await startServer(test.config({ documentMegabytes: 32, jobs: join(test.folder, "small-jobs") }));
    const url = `http://127.0.0.1:${small.httpPort}/v1/batches?sourceLanguage=ja&targetLanguage=en&format=markdown`;
    const refused = await fetch(url, { method: "POST", body: "A *word* and more. ".repeat(50_000) });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("takes more than 32 MiB of memory");
    expect((await fetch(url, { method: "POST", body: "彼は*医者*です。\n" })).status).toBe(201);
    await small.close();
  });

  it("breaks off a document that it cannot give whole, and an upload that stands still when it is stopped", async () => {
    const place = join(test.folder, "stopped-jobs");
    const stopped = await startServer(test.config({ graceSeconds: 1, jobs: place }));
    const url = `http://127.0.0.1:${stopped.httpPort}/v1/batches`;
    const query = "?sourceLanguage=ja&targetLanguage=en&beamSize=1&maxLength=8&format=";
    const made = await fetch(`${url}${query}lines`, { method: "POST", body: "彼は医者です。\n".repeat(200) });
    const { id } = (await made.json()) as { id: string };
    await (await fetch(`${url}/${id}/watch`)).text();
    const chunks = (await readdir(join(place, id, "input"))).sort();
    await rm(join(place, id, "input", chunks.at(-1)!));
    const document = await fetch(`${url}/${id}/document`);
    expect(document.status).toBe(200);
    await expect(document.text()).rejects.toThrow("terminated");
    const upload = connect(stopped.httpPort, "127.0.0.1");
    upload.on("error", () => {});
    const ended = new Promise((resolve) => upload.once("close", resolve));
    upload.write(`POST /v1/batches${query}tmx HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n\r\n<tmx>`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.all([stopped.close(), ended]);
  });

  it("makes no job of a document whose upload is broken off", async () => {
    const client = new batch.BatchServiceClient(address(), credentials.createInsecure());
    const list = () =>
      call<batch.ListBatchesRequest, batch.ListBatchesResponse>(
        client,
        "listBatches",
        batch.ListBatchesRequest.create(),
      ).then(({ batches }) => batches.length);
    const before = await list();
    const { sourceLanguage, targetLanguage } = request;
    const settings = batch.CreateBatchRequest.fromPartial({ sourceLanguage, targetLanguage });
    const broken = new Promise<unknown>((resolve) => {
      const stream = client.uploadBatch(resolve);
      stream.write(
        batch.UploadBatchRequest.fromPartial({ settings, data: Buffer.from("彼は医者です。\n".repeat(500)) }),
      );
      setTimeout(() => stream.cancel(), 100);
    });
    expect(await broken).toMatchObject({ code: 1 });
    expect(await list()).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await list(), "gRPC").toBe(before);
    const half = connect(server.httpPort, "127.0.0.1");
    half.write(
      `POST /v1/batches?sourceLanguage=ja&targetLanguage=en HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n\r\na\nb\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    half.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await list()).toBe(before);
    client.close();
  });

  it("runs a batch job over HTTP, from a document to a document", async () => {
    const query = "sourceLanguage=ja&targetLanguage=en&format=tsv&beamSize=2&maxLength=8&key=http";
    const submit = () => http(`/v1/batches?${query}`, { method: "POST", body: "1\t彼は医者です。\n2\t\n" });
    const made = await submit();
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    expect(((await (await submit()).json()) as { id: string }).id).toBe(id);
    const watched = (await (await http(`/v1/batches/${id}/watch`)).text()).trim().split("\n");
    expect(JSON.parse(watched.at(-1)!)).toMatchObject({ id, state: "done", completed: 2, failed: 0 });
    const document = await (await http(`/v1/batches/${id}/document`)).text();
    expect(document).toMatch(/^1\t彼は医者です。\t.+\n2\t\t\n$/);
    const parallel = await (await http(`/v1/batches/${id}/document?form=parallel`)).text();
    expect(parallel).toMatch(/^彼は医者です。\t.+\n\t\n$/);
    const results = await (await http(`/v1/batches/${id}/results?fromLine=1`)).text();
    expect(JSON.parse(results)).toEqual({ line: 1, text: "" });
    const list = async (of: string) =>
      ((await (await http(`/v1/batches?${of}`)).json()) as { batches: { id: string }[] }).batches.map((b) => b.id);
    expect(await list("state=done,paused")).toContain(id);
    expect(await list("state=paused")).not.toContain(id);
    expect((await http(`/v1/batches/${id}/pause`, { method: "POST" })).status).toBe(412);
    expect((await http("/v1/batches?state=lost")).status).toBe(400);
    expect((await http(`/v1/batches/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await http(`/v1/batches/${id}`)).status).toBe(404);
    expect((await http(`/v1/batches/${id}/results`)).status).toBe(404);
    for (const seconds of ["1.5", "1e11", "-1"]) {
      const { status } = await http(`/v1/batches?${query}3&retentionSeconds=${seconds}`, {
        method: "POST",
        body: "a\n",
      });
      expect(status, seconds).toBe(400); // no client could read when it is removed
    }
    const webhook = await http(`/v1/batches?${query}2&webhook=http://10.0.0.1/`, {
      method: "POST",
      body: "a\n",
      headers: { "x-webhook-secret": "0123456789abcdef" },
    });
    expect(webhook.status).toBe(400);
    expect(await webhook.text()).toContain("10.0.0.1, which is not of the public internet");
  });
});
