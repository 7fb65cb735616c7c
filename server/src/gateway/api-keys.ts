import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { faultLine, readBySchema } from "@carousel/bundle/schema/read-by-schema";
import { parse } from "yaml";
import { z } from "zod";
import { CarouselError } from "../errors.js";
import { ANONYMOUS, type Share } from "../queue/share.js";

const weight = z.number().positive();
const hash = z.string().regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of a key, 64 lower-case hexadecimal digits");

const schema = z.strictObject({
  keys: z.array(
    z.strictObject({
      /** What metrics and logs call who has it. */
      name: z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, '.', '_' or '-'"),
      sha256: z.union([hash, z.array(hash).min(1)]),
      weight: weight.default(1),
    }),
  ),
  /** Weight of all calls without a key together; without it they are refused. */
  anonymous: weight.optional(),
});

/** Who may call, and what share of the workers each gets. Keys themselves are kept nowhere. */
export class ApiKeys {
  private constructor(
    private readonly shares: ReadonlyMap<string, Share>,
    private readonly anonymous: Share | undefined,
  ) {}

  /** Everybody may call, and all have one share. */
  static open(): ApiKeys {
    return new ApiKeys(new Map(), ANONYMOUS);
  }

  /** Whether there is nobody to refuse. */
  get isOpen(): boolean {
    return this.shares.size === 0 && this.anonymous !== undefined;
  }

  /** @param file YAML; docs/operations.md shows one @throws CarouselError INVALID_ARGUMENT naming what is wrong in it */
  static read(file: string): ApiKeys {
    const { keys, anonymous } = settingsOf(file);
    const shares = new Map<string, Share>();
    const names = new Set<string>([ANONYMOUS.name]);
    for (const { name, sha256, weight } of keys) {
      if (names.has(name)) throw wrong(file, `the name ${name} is taken twice; one entry may have several hashes`);
      names.add(name);
      for (const digest of [sha256].flat()) {
        if (shares.has(digest)) throw wrong(file, `the key of ${name} is another's too`);
        shares.set(digest, { name, weight });
      }
    }
    return new ApiKeys(shares, anonymous === undefined ? undefined : { ...ANONYMOUS, weight: anonymous });
  }

  /** @param key as `x-api-key` says it, or `authorization` behind Bearer @throws CarouselError UNAUTHENTICATED */
  shareOf(key: string | undefined): Share {
    // where nobody has a key there are none to be wrong
    const share = key === undefined || this.isOpen ? this.anonymous : this.shares.get(digestOf(key));
    if (share) return share;
    const message = key === undefined ? "an API key is required: send it as x-api-key" : "the API key is not known";
    throw new CarouselError("UNAUTHENTICATED", message, {
      reason: key === undefined ? "API_KEY_MISSING" : "API_KEY_UNKNOWN",
    });
  }
}

/** The key among a call's headers. */
export function apiKeyOf(header: (name: string) => string | undefined): string | undefined {
  return header("x-api-key") ?? /^Bearer\s+(\S+)$/i.exec(header("authorization") ?? "")?.[1];
}

function settingsOf(file: string): z.output<typeof schema> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw wrong(file, `cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
  const { data, faults } = readBySchema(schema, content);
  if (!faults) return data;
  throw wrong(file, faults.map(faultLine).join("; "));
}

function wrong(file: string, what: string): CarouselError {
  return new CarouselError("INVALID_ARGUMENT", `API keys ${file}: ${what}`);
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
