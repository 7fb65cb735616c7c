import { Readable } from "node:stream";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { CarouselError } from "../errors.js";
import { type BlobStore, checkKey, piecesOf, storeFailed } from "./blob-store.js";

export interface S3Place {
  readonly client: S3Client;
  readonly bucket: string;
  /** In front of every key; empty, or ends with `/`. */
  readonly prefix: string;
  /** Names that one answer lists; S3 allows 1,000. */
  readonly pageSize?: number;
}

/** What S3 says when a value is there already, or is being written. */
const TAKEN = new Set(["PreconditionFailed", "ConditionalRequestConflict"]);

/** Milliseconds; a store that is silent for so long cannot be reached. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 30_000 };

/** Values as objects of a bucket of S3, or of any store that speaks its protocol; a put is whole or not at all there. */
export class S3BlobStore implements BlobStore {
  constructor(private readonly place: S3Place) {}

  async put(key: string, value: Uint8Array): Promise<void> {
    const { client } = this.place;
    await client
      .send(new PutObjectCommand({ ...this.at(key), Body: value }))
      .catch((error) => storeFailed(`write ${key}`, error));
  }

  async putNew(key: string, value: Uint8Array): Promise<boolean> {
    // a store that does not know the condition overwrites: for those, only writes at the same moment are not told apart
    if (await this.has(key)) return false;
    const put = new PutObjectCommand({ ...this.at(key), Body: value, IfNoneMatch: "*" });
    return this.place.client.send(put).then(
      () => true,
      (error) => (TAKEN.has(error.name) ? false : storeFailed(`write ${key}`, error)),
    );
  }

  async write(key: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const { client } = this.place;
    let fault: unknown;
    const read = async function* () {
      try {
        yield* pieces;
      } catch (error) {
        fault = error;
        throw error;
      }
    };
    const upload = new Upload({ client, params: { ...this.at(key), Body: Readable.from(read()) }, queueSize: 2 });
    // the pieces' own fault says more than that of the upload that is given up for it
    await upload.done().catch((error) => storeFailed(`write ${key}`, fault ?? error));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const body = await this.body(key);
    return body?.transformToByteArray().catch((error) => storeFailed(`read ${key}`, error));
  }

  async open(key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const body = await this.body(key);
    return body && piecesOf(body as unknown as AsyncIterable<Uint8Array>, key);
  }

  async has(key: string): Promise<boolean> {
    const head = this.place.client.send(new HeadObjectCommand(this.at(key)));
    return (await head.catch(unlessAbsent(`read ${key}`))) !== undefined;
  }

  async list(prefix: string): Promise<string[]> {
    const folder = this.folder(prefix);
    const names: string[] = [];
    for await (const { Contents = [], CommonPrefixes = [] } of this.pages({ Prefix: folder, Delimiter: "/" })) {
      names.push(...Contents.map(({ Key }) => Key!.slice(folder.length)));
      names.push(...CommonPrefixes.map(({ Prefix }) => Prefix!.slice(folder.length, -1)));
    }
    return names.sort();
  }

  async deleteAll(prefix: string): Promise<void> {
    const { client, bucket: Bucket } = this.place;
    const remove = async (keys: string[]) => {
      const Objects = keys.map((Key) => ({ Key }));
      const { Errors = [] } = await client
        .send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
        .catch((error) => storeFailed(`delete ${prefix}`, error));
      if (Errors.length > 0) storeFailed(`delete ${prefix}`, new Error(Errors[0]!.Message));
    };
    if (prefix !== "") await remove([this.at(prefix).Key]);
    for await (const { Contents = [] } of this.pages({ Prefix: this.folder(prefix) })) {
      if (Contents.length > 0) await remove(Contents.map(({ Key }) => Key!));
    }
  }

  private async body(key: string) {
    const answer = this.place.client.send(new GetObjectCommand(this.at(key)));
    return (await answer.catch(unlessAbsent(`read ${key}`)))?.Body;
  }

  private async *pages(what: { Prefix: string; Delimiter?: string }) {
    const { client, bucket: Bucket, pageSize } = this.place;
    for (let token: string | undefined; ; ) {
      const more = { ...(pageSize ? { MaxKeys: pageSize } : {}), ...(token ? { ContinuationToken: token } : {}) };
      const page = await client
        .send(new ListObjectsV2Command({ Bucket, ...what, ...more }))
        .catch((error) => storeFailed(`list ${what.Prefix}`, error));
      yield page;
      token = page.NextContinuationToken;
      if (!token) return;
    }
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.place.bucket, Key: this.place.prefix + checkKey(key) };
  }

  private folder(prefix: string): string {
    return this.place.prefix + (prefix === "" ? "" : `${checkKey(prefix)}/`);
  }
}

/**
 * @param url s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION]; who asks is in the environment or in AWS' own files
 * @throws CarouselError INVALID_ARGUMENT
 */
export function s3BlobStore(url: string): S3BlobStore {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url);
  if (!match) {
    throw new CarouselError(
      "INVALID_ARGUMENT",
      `${url} is not understood; expected s3://BUCKET[/PREFIX][?endpoint=URL]`,
    );
  }
  const [, bucket, path = "", query] = match;
  const { endpoint, region } = Object.fromEntries(new URLSearchParams(query));
  const client = new S3Client({
    // a store of one's own has its buckets in the path
    ...(endpoint ? { endpoint, forcePathStyle: true, region: region ?? "us-east-1" } : region ? { region } : {}),
    requestHandler: { ...TIMEOUTS, throwOnRequestTimeout: true },
    // other stores than Amazon's need not know its newer checksums
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return new S3BlobStore({ client, bucket: bucket!, prefix: path === "" ? "" : `${path.replace(/\/+$/, "")}/` });
}

function unlessAbsent(doing: string) {
  return (error: Error): undefined => {
    if (error.name !== "NoSuchKey" && error.name !== "NotFound") storeFailed(doing, error);
    return undefined;
  };
}
