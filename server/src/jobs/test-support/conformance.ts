import { beforeEach, describe, expect, it } from "vitest";
import type { BlobStore } from "../blob-store.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => value && new TextDecoder().decode(value);

/** What every blob store promises. */
export function describeBlobStore(name: string, openEmpty: () => Promise<BlobStore>): void {
  describe(`the blob store port: ${name}`, () => {
    let store: BlobStore;
    beforeEach(async () => {
      store = await openEmpty();
    });

    it("gives back what was put, replaced by what was put later", async () => {
      await store.put("a/b", bytes("one"));
      expect(text(await store.get("a/b"))).toBe("one");
      await store.put("a/b", bytes("two, longer"));
      expect(text(await store.get("a/b"))).toBe("two, longer");
      await store.put("a/b", bytes(""));
      expect(text(await store.get("a/b"))).toBe("");
    });

    it("keeps every byte, in keys of any letters", async () => {
      const all = Uint8Array.from({ length: 256 }, (_, k) => k);
      await store.put("a b/日本+&=.json", all);
      expect([...(await store.get("a b/日本+&=.json"))!]).toEqual([...all]);
      expect(await store.list("a b")).toEqual(["日本+&=.json"]);
    });

    it("knows what it does not have", async () => {
      await store.put("a/b", bytes("x"));
      for (const key of ["a", "b", "a/b/c", "a/bb"]) {
        expect(await store.get(key).catch(() => undefined)).toBeUndefined();
        expect(await store.has(key)).toBe(false);
      }
      expect(await store.open("nothing")).toBeUndefined();
      expect(await store.has("a/b")).toBe(true);
      expect(await store.list("nothing")).toEqual([]);
    });

    it("lists names directly under a prefix, sorted", async () => {
      for (const key of ["j/10", "j/9", "j/in/1", "j/in/2", "jj/1", "k"]) await store.put(key, bytes(key));
      expect(await store.list("")).toEqual(["j", "jj", "k"]);
      expect(await store.list("j")).toEqual(["10", "9", "in"]);
      expect(await store.list("j/in")).toEqual(["1", "2"]);
    });

    it("removes a value, or all under a prefix, and nothing beside it", async () => {
      for (const key of ["j/1", "j/in/1", "jj/1", "k"]) await store.put(key, bytes(key));
      await store.deleteAll("j");
      expect(await store.list("")).toEqual(["jj", "k"]);
      await store.deleteAll("k");
      await store.deleteAll("nothing");
      expect(await store.list("")).toEqual(["jj"]);
    });

    it("gives a large value in pieces", async () => {
      const large = Uint8Array.from({ length: 3_000_000 }, (_, k) => (k * 31) % 251);
      await store.put("large", large);
      const pieces: Uint8Array[] = [];
      for await (const piece of (await store.open("large"))!) pieces.push(piece);
      expect(pieces.length).toBeGreaterThan(1);
      expect(Buffer.concat(pieces).equals(large)).toBe(true);
    });

    it("takes a large value in pieces, whole or not at all", async () => {
      const piece = Uint8Array.from({ length: 1_000_000 }, (_, k) => (k * 31) % 251);
      const pieces = async function* (count: number, fault?: Error) {
        for (let k = 0; k < count; k++) yield piece;
        if (fault) throw fault;
      };
      await store.write("in/pieces", pieces(12));
      const whole = Buffer.concat(Array.from({ length: 12 }, () => piece));
      expect(whole.equals((await store.get("in/pieces"))!)).toBe(true);
      await store.write("in/pieces", pieces(0));
      expect(text(await store.get("in/pieces"))).toBe("");
      await expect(store.write("broken", pieces(7, new Error("no more")))).rejects.toThrow("no more");
      expect(await store.has("broken")).toBe(false);
      expect(await store.list("")).toEqual(["in"]);
    });

    it("puts a new value where there is none, for one caller", async () => {
      expect(await store.putNew("a/k", bytes("first"))).toBe(true);
      expect(await store.putNew("a/k", bytes("second"))).toBe(false);
      expect(text(await store.get("a/k"))).toBe("first");
      await store.deleteAll("a");
      expect(await store.putNew("a/k", bytes("third"))).toBe(true);
      expect(await store.list("a")).toEqual(["k"]);
    });

    it("holds one of two values put at once, whole", async () => {
      const [one, two] = ["1", "2"].map((digit) => digit.repeat(200_000));
      await Promise.all([store.put("k", bytes(one!)), store.put("k", bytes(two!)), store.put("k", bytes(one!))]);
      expect([one, two]).toContain(text(await store.get("k")));
    });

    it("is not led out of its place", async () => {
      for (const key of ["../x", "a/../../x", "/etc/passwd", "a/./b"]) {
        await expect(store.get(key)).rejects.toThrow(`${key} is not a key of the blob store`);
      }
    });
  });
}
