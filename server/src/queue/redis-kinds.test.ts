import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { createRedisClient } from "./redis-client.js";
import { createRedisWorker } from "./redis-worker.js";
import { Capitals, MODEL, segment, submit, textOf, until } from "./test-support/capitals.js";
import { RedisServer } from "./test-support/redis-server.js";

const run = promisify(execFile);
const servers: RedisServer[] = [];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const server of servers.splice(0)) await server.stop();
});

async function redis(more?: Parameters<typeof RedisServer.start>[0]): Promise<RedisServer> {
  const server = await RedisServer.start(more);
  servers.push(server);
  return server;
}

/** A client and a worker at that URL, whose words the client has; what it is told of a text. */
async function pair(redisUrl: string): Promise<(text: string) => Promise<string>> {
  const options = { redisUrl, log: pino({ level: "silent" }) };
  const client = await createRedisClient({ ...options, maxQueued: 100 });
  const worker = createRedisWorker(options);
  await worker.start(new Capitals());
  closing.push(async () => {
    await worker.close(1000);
    await client.close();
  });
  await until(async () => (await client.knownWords(MODEL)) !== undefined);
  return async (text) => textOf(await submit(client, segment(text)));
}

describe("Redis by its URL", () => {
  it("is spoken to over TLS, as a user with a password", async () => {
    const server = await redis(async ({ folder, port }) => {
      const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
      const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
      await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...name]);
      const tls = ["--tls-port", `${port}`, "--port", "0", "--tls-cert-file", cert, "--tls-key-file", key];
      const user = ["--user", "ann", "on", ">s3cret", "~*", "&*", "+@all", "--user", "default", "off"];
      return [...tls, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no", ...user];
    });
    const url = (user: string) => `rediss://${user}@127.0.0.1:${server.port}?ca=${join(server.folder, "cert.pem")}`;
    const ask = await pair(url("ann:s3cret"));
    expect(await ask("safe")).toBe("SAFE");
    await expect(pair(url("ann:wrong"))).rejects.toThrow(/WRONGPASS/);
  });

  it("is found again by sentinels when its master has gone", async () => {
    const master = await redis();
    const replica = await redis(() => ["--replicaof", `127.0.0.1 ${master.port}`]);
    const sentinel = await redis(async ({ folder, port }) => {
      const settings = `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor main 127.0.0.1 ${master.port} 1
sentinel down-after-milliseconds main 500
sentinel failover-timeout main 2000
`;
      const file = join(folder, "sentinel.conf");
      await writeFile(file, settings);
      return [file, "--sentinel"];
    });
    const admin = new Redis(sentinel.url);
    closing.push(async () => admin.disconnect());
    await until(async () => ((await admin.call("SENTINEL", "replicas", "main")) as unknown[]).length === 1);
    const replicaLink = new Redis(replica.url);
    closing.push(async () => replicaLink.disconnect());
    await until(async () => /master_link_status:up/.test(await replicaLink.info("replication")));

    const ask = await pair(`redis-sentinel://127.0.0.1:${sentinel.port}/main`);
    expect(await ask("before")).toBe("BEFORE");
    await master.down();
    await until(async () => (await ask("after")) === "AFTER");
  }, 60_000);

  it("may be a cluster", async () => {
    const nodes = await Promise.all([1, 2, 3].map(() => redis(() => ["--cluster-enabled", "yes"])));
    const slots = [0, 5462, 10923, 16384];
    const admins = nodes.map((node) => new Redis(node.url));
    closing.push(async () => admins.forEach((admin) => void admin.disconnect()));
    for (const [k, admin] of admins.entries()) {
      await admin.call("CLUSTER", "ADDSLOTSRANGE", slots[k]!, slots[k + 1]! - 1);
      await admin.call("CLUSTER", "MEET", "127.0.0.1", nodes[0]!.port);
    }
    for (const admin of admins) {
      await until(async () => /cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(`${await admin.cluster("INFO")}`));
    }
    const ask = await pair(`redis-cluster://127.0.0.1:${nodes[0]!.port},127.0.0.1:${nodes[1]!.port}`);
    expect(await Promise.all(["a", "b", "c"].map(ask))).toEqual(["A", "B", "C"]);
    await expect(pair(nodes[0]!.url)).rejects.toThrow("is a node of a cluster: its URL begins with redis-cluster://");
  });

  it("has the database of its URL, or is refused", async () => {
    const { url } = await redis(() => ["--databases", "2"]);
    expect(await (await pair(`${url}/1`))("one")).toBe("ONE");
    await expect(pair(`${url}/2`)).rejects.toThrow("refuses the database 2: ERR DB index is out of range");
  });

  it("is warned about when it may throw work away", async () => {
    const server = await redis(() => ["--maxmemory-policy", "allkeys-lru", "--appendonly", "no"]);
    const lines: string[] = [];
    const log = pino({ level: "warn" }, { write: (line) => void lines.push(line) });
    const client = await createRedisClient({ redisUrl: server.url, log, maxQueued: 1 });
    closing.push(() => client.close());
    expect(lines.join()).toMatch(/allkeys-lru.*noeviction[\s\S]*append-only/);
  });
});
