/** Characters that would be markup inside a sentence, or make its beginning a heading, a list or a quotation. */
export function encodeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]<|~]/g, "\\$&")
    .replace(/&(?=#?\w+;)/g, "\\&")
    .replace(/^(?:[#+>=-]|\d+(?=[.)]))/, (mark) => (/^\d/.test(mark) ? `${mark}\\` : `\\${mark}`));
}
