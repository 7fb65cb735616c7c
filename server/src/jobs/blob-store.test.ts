import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FolderBlobStore } from "./folder-blob-store.js";
import { openBlobStore } from "./open-blob-store.js";
import { S3BlobStore } from "./s3-blob-store.js";
import { describeBlobStore } from "./test-support/conformance.js";
import { S3Server } from "./test-support/s3-server.js";

const folder = await mkdtemp(join(tmpdir(), "carousel-blobs-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
let stores = 0;

describeBlobStore("folder", async () => new FolderBlobStore(join(folder, String(stores++))));

describe("S3", () => {
  const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  const connect = (endpoint: string) =>
    new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
  let server: S3Server;
  beforeAll(async () => {
    server = await S3Server.start("jobs");
  });
  afterAll(() => server.stop());

  // another server, by hand: S3_ENDPOINT=… with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and a bucket named jobs
  const { S3_ENDPOINT } = process.env;
  describe.skipIf(!S3_ENDPOINT)("by hand", () => {
    describeBlobStore(`S3 at ${S3_ENDPOINT}`, async () => {
      const client = new S3Client({ endpoint: S3_ENDPOINT!, region: "us-east-1", forcePathStyle: true });
      return new S3BlobStore({ client, bucket: "jobs", prefix: `${Date.now()}-${stores++}/`, pageSize: 2 });
    });
  });

  // pages of two: listing and deleting go on from page to page
  describeBlobStore("S3", async () => {
    const prefix = `${stores++}/`;
    return new S3BlobStore({ client: connect(server.endpoint), bucket: "jobs", prefix, pageSize: 2 });
  });

  it("is opened by URL, with keys from the environment", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "S3RVER");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "S3RVER");
    const store = await openBlobStore(`s3://jobs/by/url/?endpoint=${server.endpoint}`);
    await store.put("k", new Uint8Array([1]));
    const whole = await openBlobStore(`s3://jobs?endpoint=${server.endpoint}`);
    expect(await whole.list("by/url")).toEqual(["k"]);
    vi.unstubAllEnvs();
  });

  it("says UNAVAILABLE, with the reason, when the store is gone, refuses, or has no such bucket", async () => {
    const nobody = new S3BlobStore({ client: connect("http://127.0.0.1:1"), bucket: "jobs", prefix: "" });
    await expect(nobody.get("k")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(nobody.has("k")).rejects.toThrow("the blob store cannot read k: ");
    await expect(nobody.put("k", new Uint8Array(1))).rejects.toThrow("the blob store cannot write k: ");
    await expect(nobody.deleteAll("k")).rejects.toThrow("the blob store cannot delete k: ");
    const elsewhere = new S3BlobStore({ client: connect(server.endpoint), bucket: "other", prefix: "" });
    await expect(elsewhere.get("k")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(elsewhere.list("")).rejects.toThrow("the blob store cannot list");
  });

  it("names a URL that it does not understand", async () => {
    await expect(openBlobStore("s3:///x")).rejects.toThrow("expected s3://BUCKET[/PREFIX][?endpoint=URL]");
  });
});

describe("a folder", () => {
  it("does not take what it cannot read for what is not there", async () => {
    await mkdir(join(folder, "broken"), { recursive: true });
    await writeFile(join(folder, "broken", "list"), "a file where a folder is expected");
    const store = new FolderBlobStore(join(folder, "broken"));
    await expect(store.put("list/k", new Uint8Array(1))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await mkdir(join(folder, "broken", "value"));
    await expect(store.get("value")).rejects.toThrow("the blob store cannot read value: EISDIR");
  });

  it.skipIf(process.getuid?.() === 0)("says UNAVAILABLE where it may not write", async () => {
    const closed = join(folder, "closed");
    await mkdir(closed);
    await chmod(closed, 0o500);
    await expect(new FolderBlobStore(closed).put("k", new Uint8Array(1))).rejects.toThrow("cannot write k: EACCES");
  });
});
