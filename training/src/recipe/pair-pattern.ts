/**
 * The regular expression of `data.pattern`: its two groups are source and target in this order, unless they are named so.
 * @throws SyntaxError when it is no regular expression, or has other groups
 */
export function pairPattern(pattern: string): RegExp {
  const expression = new RegExp(pattern, "u");
  // an alternative that always matches: the match then tells of the groups
  const match = new RegExp(`${pattern}|`, "u").exec("")!;
  const names = Object.keys(match.groups ?? {}).sort();
  if (match.length !== 3 || (names.length > 0 && names.join() !== "source,target")) {
    throw new SyntaxError("must have two groups: the source and the target, or (?<source>…) and (?<target>…)");
  }
  return expression;
}
