/** A whole number from an option's text. @throws RangeError naming the option */
export function wholeNumber(name, text, { min }) {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min) return value;
  throw new RangeError(`--${name} ${text}: a whole number of at least ${min} is expected`);
}
