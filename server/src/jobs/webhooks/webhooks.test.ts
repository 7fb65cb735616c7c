import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { searchOptions } from "../../gateway/validate.js";
import { BatchJobs } from "../batch-jobs.js";
import { FolderBlobStore } from "../folder-blob-store.js";
import { unitsOfLines } from "../formats/lines.js";
import { Networks } from "./networks.js";
import { post } from "./post.js";
import { checkWebhook, nextAttemptMs, signed } from "./webhook.js";

const loopback = new Networks(["127.0.0.0/8", "::1"]);
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** A receiver on the loopback interface that answers with these statuses, in turn, and then with 200. */
class Receiver {
  readonly got: { headers: IncomingMessage["headers"]; body: string }[] = [];
  private readonly server: Server;

  constructor(statuses: readonly number[] = []) {
    this.server = createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      this.got.push({ headers: request.headers, body });
      response.writeHead(statuses[this.got.length - 1] ?? 200, { location: "http://127.0.0.1:1/" }).end("thanks");
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe("networks that may be called", () => {
  it.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2001:0:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1%eth0",
    "ff02::1",
    "localhost",
  ])("%s is none of the public internet", (address) => {
    expect(new Networks().holds(address)).toBe(false);
  });

  it.each(["1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::8a"])("%s is", (address) => {
    expect(new Networks().holds(address)).toBe(true);
  });

  it("may be more by configuration, and no more than that", () => {
    const networks = new Networks(["10.1.0.0/16", "fd00::/8", "192.168.7.7"]);
    expect(["10.1.2.3", "fd00::5", "192.168.7.7"].map((a) => networks.holds(a))).toEqual([true, true, true]);
    expect(["10.2.0.1", "fc00::5", "192.168.7.8"].map((a) => networks.holds(a))).toEqual([false, false, false]);
    expect(() => new Networks(["ten"])).toThrow("ten is no address and no network such as 10.0.0.0/8");
    for (const network of ["10.0.0.0/64", "10.0.0.0/", "10.0.0.0/8/9", "10.0.0.0/0x8", "10.0.0.0/ "]) {
      expect(() => new Networks([network])).toThrow(`${network} is no address`);
    }
  });
});

describe("a post", () => {
  const message = (networks: Networks) => ({ body: "{}", headers: {}, networks, signal: AbortSignal.timeout(5000) });

  it("goes to no private address: by number in any notation, nor by name", async () => {
    const receiver = new Receiver();
    const port = await receiver.start();
    for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]) {
      const sent = post(new URL(`http://${host}:${port}/`), message(new Networks()));
      await expect(sent, host).rejects.toThrow("is not an address of the public internet");
    }
    expect(receiver.got).toEqual([]);
    expect(await post(new URL(`http://127.0.0.1:${port}/`), message(loopback))).toBe(200);
    expect(await post(new URL(`http://localhost:${port}/`), message(loopback))).toBe(200);
    receiver.stop();
  });

  it("follows no redirect", async () => {
    const receiver = new Receiver([302]);
    const port = await receiver.start();
    expect(await post(new URL(`http://127.0.0.1:${port}/`), message(loopback))).toBe(302);
    receiver.stop();
  });
});

describe("a webhook", () => {
  it("is signed as the specification's example is", () => {
    const atMs = 1614265330_000;
    const body = '{"test": 2432232314}';
    expect(signed(body, { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", secret: SECRET, atMs })).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it.each([
    [{ url: "ftp://a.b/", secret: SECRET }, "webhook.url must be a URL that begins with http:// or https://"],
    [{ url: "a.b", secret: SECRET }, "webhook.url must be a URL"],
    [{ url: "https://u:p@a.b", secret: SECRET }, "webhook.url must hold no user"],
    [{ url: "https://0x7f.1", secret: SECRET }, "webhook.url has the address 127.0.0.1"],
    [{ url: "https://a.b", secret: "short" }, "webhook.secret must have at least 16 characters"],
  ])("is refused: %j", (webhook, message) => {
    expect(() => checkWebhook(webhook, new Networks())).toThrow(message);
  });

  it("is tried less and less often, and then given up", () => {
    const waits = Array.from({ length: 10 }, (_, k) => nextAttemptMs(k + 1, 0));
    expect(waits.slice(0, 9)).toEqual([...waits.slice(0, 9)].sort((a, b) => a! - b!));
    expect(waits.slice(0, 9).every(Number.isSafeInteger)).toBe(true); // as gRPC has it
    expect(waits[9]).toBeUndefined();
  });
});

describe("webhooks of batch jobs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-webhooks-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () =>
    new BatchJobs(new FolderBlobStore(folder), async (units) => units.map(() => ({ text: "x" })), {
      networks: loopback,
      leaseMs: 300,
    });
  const batch = (port: number) => ({
    model: "m",
    options: searchOptions(),
    format: "lines" as const,
    units: unitsOfLines(["a"]),
    webhook: { url: `http://127.0.0.1:${port}/done`, secret: SECRET },
  });

  it("tell of the end of a job, signed; what fails is tried again by the next process", async () => {
    const receiver = new Receiver([500]);
    const port = await receiver.start();
    const first = open();
    await first.resume();
    const { id } = await first.create(batch(port));
    await expect.poll(async () => (await first.get(id)).webhook?.attempts).toBe(1);
    expect(await first.get(id)).toMatchObject({
      state: "done",
      webhook: { url: `http://127.0.0.1:${port}/done`, error: `127.0.0.1:${port} answered 500` },
    });
    await first.close();
    // the time of the next attempt has come
    const file = join(folder, id, "webhook.json");
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), nextMs: 1 }));

    const second = open();
    await second.resume();
    await expect.poll(async () => (await second.get(id)).webhook?.deliveredMs).toBeGreaterThan(0);
    expect(receiver.got).toHaveLength(2);
    const [one, two] = receiver.got;
    expect(two!.headers["webhook-id"]).toBe(one!.headers["webhook-id"]);
    const { "webhook-id": name, "webhook-timestamp": time, "webhook-signature": signature } = two!.headers;
    const key = Buffer.from(SECRET.slice(6), "base64");
    const expected = createHmac("sha256", key).update(`${name}.${time}.${two!.body}`).digest("base64");
    expect(signature).toBe(`v1,${expected}`);
    expect(JSON.parse(two!.body)).toMatchObject({
      type: "batch.done",
      data: { id, state: "done", total: 1, failed: 0 },
    });
    expect(two!.body).not.toContain(SECRET);
    await second.close();
    receiver.stop();
  });

  it("end when the receiver is gone, tell of a cancelled job, and go with a job that is deleted", async () => {
    const receiver = new Receiver([410]);
    const port = await receiver.start();
    const jobs = open();
    await jobs.resume();
    const one = await jobs.create(batch(port));
    await expect.poll(async () => (await jobs.get(one.id)).webhook).toMatchObject({ attempts: 1 });
    expect((await jobs.get(one.id)).webhook?.nextMs).toBeUndefined();
    const two = await jobs.create(batch(1));
    await expect.poll(async () => (await jobs.get(two.id)).webhook?.error).toContain("ECONNREFUSED");
    await jobs.delete(two.id);
    const three = await jobs.create({ ...batch(port), units: unitsOfLines(Array.from({ length: 9999 }, () => "a")) });
    await jobs.cancel(three.id);
    await expect.poll(() => receiver.got.length).toBe(2);
    expect(JSON.parse(receiver.got[1]!.body).type).toMatch(/^batch\.(cancelled|done)$/);
    await jobs.close();
    receiver.stop();
  });
});
