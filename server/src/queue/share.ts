/** Whose a segment is, and how much of the workers is theirs beside others who wait: weight ÷ the weights of all of them. */
export interface Share {
  readonly name: string;
  /** > 0. */
  readonly weight: number;
}

/** Those who have no share of their own. */
export const ANONYMOUS: Share = { name: "anonymous", weight: 1 };
