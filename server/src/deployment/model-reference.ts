/** A model as callers name it. */
export interface ModelReference {
  readonly name: string;
  /** The beginning of a version's digits. */
  readonly version?: string;
}

/** @param written NAME or NAME@VERSION */
export function modelReference(written: string): ModelReference {
  const at = written.indexOf("@");
  return at < 0 ? { name: written } : { name: written.slice(0, at), version: written.slice(at + 1) };
}
