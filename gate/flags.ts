/** Tells whether a value of a template is true, as a boolean or as CloudFormation's text. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}
