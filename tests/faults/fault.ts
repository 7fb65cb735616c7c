import type { Fleet } from "./fleet.js";
import type { Code } from "./history.js";
import type { LoadOptions } from "./load.js";
import type { Random } from "./random.js";

/** Something that happens to real processes, and what callers may notice of it. */
export interface Fault {
  /** For the command line. */
  readonly id: string;
  readonly name: string;
  /** How often it is inflicted, in `npm test` and by hand. */
  readonly times: { readonly short: number; readonly long: number };
  /** Codes that a caller may see who has tried again by the policy; none where no call may fail. */
  readonly mayRefuse: readonly Code[];
  readonly load?: LoadOptions;
  /** Why it cannot be inflicted on this machine; undefined where it can. */
  impossible?(fleet: Fleet): string | undefined;
  /** Once. Resolves with the moment (ms) from which on answers were delayed, and when the fleet is whole again. */
  inflict(fleet: Fleet, random: Random): Promise<number>;
}
