import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import { invalid } from "../../errors.js";
import type { Networks } from "./networks.js";

/** Where it is told that a job has ended. */
export interface Webhook {
  readonly url: string;
  /** Signs what is sent; `whsec_` and base64, or any other text. */
  readonly secret: string;
}

/** How far a job's webhook is. */
export interface Delivery {
  /** The end of the job that it tells of: after a retry there is another one. */
  readonly endedMs: number;
  readonly attempts: number;
  /** Milliseconds since the epoch; of the next attempt, while it is neither delivered nor given up. */
  readonly nextMs?: number;
  readonly deliveredMs?: number;
  /** Of the last attempt. */
  readonly error?: string;
}

const SHORTEST_SECRET = 16;
/** Seconds from one attempt to the next; behind the last one it is given up, after two days. */
const BACK_OFF = [5, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400];

/** @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
export function checkWebhook({ url, secret }: Webhook, networks: Networks): Webhook {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (!target || !["http:", "https:"].includes(target.protocol)) {
    invalid("webhook.url", "must be a URL that begins with http:// or https://");
  }
  if (target.username || target.password) invalid("webhook.url", "must hold no user and no password");
  const host = target.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && !networks.holds(host)) {
    invalid("webhook.url", `has the address ${host}, which is not of the public internet, and not allowed here`);
  }
  if (secret.length < SHORTEST_SECRET) invalid("webhook.secret", `must have at least ${SHORTEST_SECRET} characters`);
  return { url, secret };
}

/** The headers that sign a message (standardwebhooks.com): HMAC-SHA256 of its id, its time in seconds, and its body. */
export function signed(
  body: string,
  { id, secret, atMs }: { id: string; secret: string; atMs: number },
): Record<string, string> {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : secret;
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}

/** When an attempt is made again that was the n-th and failed, a whole number; undefined: never. */
export function nextAttemptMs(attempts: number, nowMs: number): number | undefined {
  const seconds = BACK_OFF[attempts - 1];
  return seconds === undefined ? undefined : nowMs + Math.round(1000 * seconds * (1 + Math.random() / 5));
}
