/**
 * Comments, instructions, quotations, and declarations of entities with what they stand for, but those of parameters (%) and
 * of data (NDATA). What does not end goes on to the end: it is read once.
 */
const DECLARATION =
  /<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|<!ENTITY\s+([^\s%"'<>&;]+)\s+(?:(?:SYSTEM|PUBLIC\s+(?:"[^"]*"|'[^']*'))\s+)?(?:"[^"]*"|'[^']*')\s*>|"[^"]*(?:"|$)|'[^']*(?:'|$)/g;

/**
 * The general entities that a document type declares in itself: names that text may refer to, as in `&name;`.
 * @param doctype what stands between `<!DOCTYPE` and its `>`
 */
export function entitiesOf(doctype: string): string[] {
  return [...doctype.matchAll(DECLARATION)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}
