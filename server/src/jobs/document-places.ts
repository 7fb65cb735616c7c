import { invalid } from "../errors.js";
import type { BlobStore } from "./blob-store.js";
import { openBlobStore } from "./open-blob-store.js";

interface Place {
  /** s3://BUCKET/ or s3://BUCKET/PREFIX/ */
  readonly root: string;
  readonly store: Promise<BlobStore>;
}

/**
 * Buckets of S3 from which documents may be read, and to which translations may be written, by whoever may make a job. The
 * server goes there with keys of its own, so that nothing may be reached that is not named to it.
 */
export class DocumentPlaces {
  private readonly places: readonly Place[];

  /**
   * @param places s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION]
   * @throws CarouselError INVALID_ARGUMENT
   */
  static async open(places: readonly string[]): Promise<DocumentPlaces> {
    const documents = new DocumentPlaces(places);
    await Promise.all(documents.places.map(({ store }) => store));
    return documents;
  }

  constructor(places: readonly string[] = []) {
    this.places = places.map((place) => {
      if (!place.startsWith("s3://")) invalid("documents", `holds ${place}; expected s3://BUCKET[/PREFIX]`);
      return { root: `${place.replace(/\?.*$/, "").replace(/\/+$/, "")}/`, store: openBlobStore(place) };
    });
  }

  /** @throws CarouselError INVALID_ARGUMENT naming the field, when the document is in none of the places */
  check(uri: string, field: string): string {
    const place = this.placeOf(uri);
    const key = place && uri.slice(place.root.length);
    if (place && key && !/(^|\/)(\.{0,2})(\/|$)/.test(key)) return uri;
    const allowed = this.places.map(({ root }) => root);
    invalid(
      field,
      allowed.length > 0
        ? `is ${uri}; documents may be in ${allowed.join(", ")}`
        : "cannot be used: the server is configured to reach no documents elsewhere",
    );
  }

  /** @throws CarouselError INVALID_ARGUMENT where it may not be read, or there is none */
  async read(uri: string): Promise<AsyncIterable<Uint8Array>> {
    const { store, key } = await this.at(uri, "input_uri");
    return (await store.open(key)) ?? invalid("input_uri", `is ${uri}, and there is no such document`);
  }

  async write(uri: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const { store, key } = await this.at(uri, "output_uri");
    await store.write(key, pieces);
  }

  private async at(uri: string, field: string): Promise<{ store: BlobStore; key: string }> {
    const { root, store } = this.placeOf(this.check(uri, field))!;
    return { store: await store, key: uri.slice(root.length) };
  }

  private placeOf(uri: string): Place | undefined {
    return this.places.find(({ root }) => uri.startsWith(root));
  }
}
