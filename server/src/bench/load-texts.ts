/** What is sent to an engine that does not read it. */
export const SENTENCES: readonly string[] = Array.from(
  { length: 64 },
  (_, k) => `This is sentence number ${k} of the load`,
);
