/**
 * Tells whether a value of a template is true: as a boolean, as CloudFormation's text, or as a word of YAML 1.1, which
 * CloudFormation reads.
 */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && /^(true|yes|on)$/i.test(value));
}
