import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { searchOptions } from "../gateway/validate.js";
import { BatchJobs } from "./batch-jobs.js";
import { DocumentPlaces } from "./document-places.js";
import { FolderBlobStore } from "./folder-blob-store.js";
import { BATCH_FORMATS } from "./formats/index.js";
import { cutBytes } from "./formats/text.js";
import { openBlobStore } from "./open-blob-store.js";
import { S3Server } from "./test-support/s3-server.js";

describe("documents in S3", () => {
  let server: S3Server;
  let folder: string;
  beforeAll(async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "S3RVER");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "S3RVER");
    server = await S3Server.start("docs");
    folder = await mkdtemp(join(tmpdir(), "carousel-documents-"));
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });

  it("are read and written, in either form, before the job is done", async () => {
    const documents = await DocumentPlaces.open([`s3://docs/in?endpoint=${server.endpoint}`]);
    const store = await openBlobStore(`s3://docs?endpoint=${server.endpoint}`);
    await store.put("in/a.srt", Buffer.from("1\n00:00:01,000 --> 00:00:02,000\none\ntwo\n"));
    const jobs = new BatchJobs(
      new FolderBlobStore(folder),
      async (units) => units.map(({ source }) => ({ text: (source as { text: string }).text.toUpperCase() })),
      { documents },
    );
    const batch = async (form: "same" | "parallel") => ({
      model: "m",
      options: searchOptions(),
      format: "srt" as const,
      output: { uri: jobs.checkOutput(`s3://docs/in/${form}`), form },
      units: cutBytes(await jobs.readInput("s3://docs/in/a.srt"), [BATCH_FORMATS.srt, { source: "en", target: "fr" }]),
    });
    for (const form of ["same", "parallel"] as const) {
      const { id } = await jobs.create(await batch(form));
      await expect.poll(async () => (await jobs.get(id)).state).toBe("done");
    }
    const text = async (key: string) => new TextDecoder().decode(await store.get(key));
    expect(await text("in/same")).toBe("1\n00:00:01,000 --> 00:00:02,000\nONE TWO\n");
    expect(await text("in/parallel")).toBe("one two\tONE TWO\n");
  });

  it("are in no place that is not named", async () => {
    const documents = new DocumentPlaces([`s3://docs/in?endpoint=${server.endpoint}`]);
    expect(documents.check("s3://docs/in/a/b.txt", "output_uri")).toBe("s3://docs/in/a/b.txt");
    for (const uri of ["s3://docs/x", "s3://docs/inner/x", "s3://docs/in/", "s3://docs/in/../x", "/etc/passwd"]) {
      expect(() => documents.check(uri, "output_uri"), uri).toThrow(
        `output_uri is ${uri}; documents may be in s3://docs/in/`,
      );
    }
    await expect(documents.read("s3://docs/in/none")).rejects.toThrow("and there is no such document");
    expect(() => new DocumentPlaces().check("s3://docs/x", "input_uri")).toThrow("configured to reach no documents");
    expect(() => new DocumentPlaces(["/srv"])).toThrow("expected s3://BUCKET[/PREFIX]");
  });
});
