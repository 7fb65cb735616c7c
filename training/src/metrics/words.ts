// the characters at which Python's str.split() cuts, and so sacreBLEU; \s of JavaScript differs by a few
const SPACES = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const BETWEEN = new RegExp(SPACES);
const TRAILING = new RegExp(`${SPACES}$`);

/** The words between runs of white space. */
export function splitWords(text: string): string[] {
  return text.split(BETWEEN).filter((word) => word !== "");
}

export function trimEnd(text: string): string {
  return text.replace(TRAILING, "");
}
