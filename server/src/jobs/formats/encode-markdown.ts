/** Characters that would be markup inside a sentence. */
export function encodeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<|]/g, "\\$&");
}
