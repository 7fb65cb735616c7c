import type { BlobStore } from "./blob-store.js";

/**
 * The folder or the bucket that a configuration names; S3's client is loaded where it is wanted.
 * @param location a folder, or s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION]
 * @throws CarouselError INVALID_ARGUMENT
 */
export async function openBlobStore(location: string): Promise<BlobStore> {
  if (location.startsWith("s3://")) return (await import("./s3-blob-store.js")).s3BlobStore(location);
  return new (await import("./folder-blob-store.js")).FolderBlobStore(location);
}
