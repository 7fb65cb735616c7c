const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Half a surrogate pair has no UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, "\ufffd");
}
