import { describe, expect, it } from "vitest";
import { parseRedisUrl } from "./redis-url.js";

describe("the URL of Redis", () => {
  it("names a server, sentinels, or nodes of a cluster", () => {
    expect(parseRedisUrl("redis://localhost")).toEqual({
      kind: "standalone",
      nodes: [{ host: "localhost", port: 6379 }],
      db: 0,
    });
    expect(parseRedisUrl("rediss://ann:p%40ss:w@r.example:6390/3")).toEqual({
      kind: "standalone",
      nodes: [{ host: "r.example", port: 6390 }],
      db: 3,
      username: "ann",
      password: "p@ss:w",
      tls: {},
    });
    expect(parseRedisUrl("redis-sentinel://:secret@a,b:1/mymaster/2")).toEqual({
      kind: "sentinel",
      nodes: [
        { host: "a", port: 26379 },
        { host: "b", port: 1 },
      ],
      master: "mymaster",
      db: 2,
      password: "secret",
    });
    expect(parseRedisUrl("redis-cluster://[::1]:7000,b:7001")).toEqual({
      kind: "cluster",
      nodes: [
        { host: "::1", port: 7000 },
        { host: "b", port: 7001 },
      ],
      db: 0,
    });
  });

  it.each([
    ["http://localhost", "is not understood"],
    ["redis://a,b", "names several hosts"],
    ["redis://a:99999", "the host a:99999"],
    ["redis://a/x", "the database x"],
    ["redis-sentinel://a", "names no master"],
    ["redis-cluster://a/1", "one database"],
    ["redis://a?db=3", "has \\?db; \\?ca, \\?cert and \\?key are understood, with rediss"],
    ["redis://a?ca=x.pem", "has \\?ca"],
    ["rediss://a?verify=no", "has \\?verify"],
    ["rediss://a?ca=/nowhere.pem", "ca=/nowhere.pem, which cannot be read"],
  ])("%s is refused: it %s", (url, message) => {
    expect(() => parseRedisUrl(url)).toThrow(new RegExp(message));
  });
});
