import { readFileSync } from "node:fs";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { CarouselError } from "../errors.js";

/** Where Redis is, and who asks. */
export interface RedisAddress {
  readonly kind: "standalone" | "sentinel" | "cluster";
  /** The server; or sentinels, or nodes of the cluster, to ask where the others are. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** sentinel only: the name the master goes by. */
  readonly master?: string;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls?: TlsOptions;
}

const SCHEMES: Readonly<Record<string, { kind: RedisAddress["kind"]; port: number }>> = {
  redis: { kind: "standalone", port: 6379 },
  "redis-sentinel": { kind: "sentinel", port: 26379 },
  "redis-cluster": { kind: "cluster", port: 6379 },
};
/** rediss://… is redis://… over TLS, and so on. */
const SHAPE = /^(redis)(s?)(-sentinel|-cluster)?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?(?:\?(.*))?$/;
const EXPECTED =
  "redis://[user:password@]host[:port][/db], redis-sentinel://…host,host/master[/db] or redis-cluster://…host,host; rediss… for TLS";

/** @throws CarouselError INVALID_ARGUMENT saying which URLs are understood; the password is never named */
export function parseRedisUrl(url: string): RedisAddress {
  const match = SHAPE.exec(url);
  if (!match) throw invalid(`is not understood; expected ${EXPECTED}`);
  const [, base, secure, variant = "", user = "", hosts = "", path = "", query = ""] = match;
  const { kind, port } = SCHEMES[`${base}${variant}`]!;
  const nodes = hosts.split(",").map((text) => nodeOf(text, port));
  if (kind === "standalone" && nodes.length > 1)
    throw invalid("names several hosts; use redis-sentinel or redis-cluster");
  const [username, password] = user.includes(":") ? splitOnce(user) : ["", user];
  return {
    kind,
    nodes,
    ...placeOf(kind, path),
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...tlsOf(new URLSearchParams(query), secure ? ["ca", "cert", "key"] : []),
  };
}

function placeOf(kind: RedisAddress["kind"], path: string): { db: number; master?: string } {
  if (kind === "cluster") {
    if (path) throw invalid(`has a path /${path}; a cluster has one database only`);
    return { db: 0 };
  }
  const [master = "", db = ""] = kind === "sentinel" ? path.split("/") : ["", path];
  if (kind === "sentinel" && !master) throw invalid("names no master: redis-sentinel://host:26379/MASTER");
  if (!/^\d*$/.test(db)) throw invalid(`has the database ${db}; a number is expected`);
  return { db: Number(db), ...(master ? { master } : {}) };
}

function nodeOf(text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text);
  const port = Number(match?.[2] ?? defaultPort);
  if (!match || port > 65535) throw invalid(`has the host ${text}; HOST or HOST:PORT is expected`);
  return { host: match[1]!.replace(/^\[|\]$/g, ""), port };
}

/**
 * The system's authorities are trusted where no `ca` is given.
 * @param files names of the PEM files that may be given; none without TLS
 */
function tlsOf(query: URLSearchParams, files: readonly string[]): { tls?: TlsOptions } {
  const unknown = [...query.keys()].find((name) => !files.includes(name));
  if (unknown !== undefined) throw invalid(`has ?${unknown}; ?ca, ?cert and ?key are understood, with rediss`);
  if (files.length === 0) return {};
  return { tls: Object.fromEntries([...query].map(([name, path]) => [name, fileOf(name, path)])) };
}

function fileOf(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw invalid(`names ${name}=${path}, which cannot be read`);
  }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf(":");
  return [text.slice(0, at), text.slice(at + 1)];
}

function invalid(what: string): CarouselError {
  return new CarouselError("INVALID_ARGUMENT", `the Redis URL ${what}`);
}
