/**
 * Tells whether a number is the same in OPA, in WebAssembly and in JavaScript: a whole number of at most 2^53 - 1, or one with
 * a fraction. Above that, JavaScript and WebAssembly round numbers, and OPA does not, so that two numbers would be equal in
 * one of them only.
 */
export function isExactNumber(value: number): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** The most digits of a number with a fraction that a double keeps apart from all others (IEEE 754, binary64). */
const MAX_DIGITS = 15;

/** Tells whether a number, as a file writes it, is one that no reader rounds. */
export function isExactNumberText(text: string): boolean {
  const value = Number(text);
  if (!isExactNumber(value)) return false;
  if (/^-?\d+$/.test(text)) return true;
  const [mantissa = ""] = text.replace(/^-/, "").split(/e/i);
  const digits = mantissa.replace(".", "").replace(/^0+|0+$/g, "");
  return digits.length <= MAX_DIGITS && (value !== 0 || digits === "");
}
