// These characters are for private use, so a reference within a text is never taken for text of a template.
const BEGIN = "\uE000";
const END = "\uE001";
const ATTRIBUTE = "\uE002";
const REFERENCE = /\uE000[^\uE001]*\uE001/g;

/** Formats a reference to a resource, or to an attribute of it, as a part of a text. */
export function formatReference(scope: string, id: string, attribute = ""): string {
  return `${BEGIN}${scope}#${id}${attribute === "" ? "" : ATTRIBUTE + attribute}${END}`;
}

/** Formats a value that the files don't show, such as a parameter. Two values with the same name are the same. */
export function formatHidden(scope: string, name: string): string {
  return `${BEGIN}${scope}?${withoutReferences(name)}${END}`;
}

/** Replaces characters of a template that would look like a reference. */
export function withoutReferences(text: string): string {
  return /[\uE000-\uE002]/.test(text) ? text.replaceAll(/[\uE000-\uE002]/g, "\uFFFD") : text;
}

/** Tells whether the files show a text as a whole: it has no reference, and no value of the deployment. */
export function isShown(text: string): boolean {
  return !text.includes(BEGIN);
}

/** Gives a value if it is a text that the files show as a whole. */
export function toShown(value: unknown): string | undefined {
  return typeof value === "string" && isShown(value) ? value : undefined;
}

/** Lists the references within a text. */
export function referencesIn(text: string): readonly string[] {
  return text.match(REFERENCE) ?? [];
}

/** Removes the attribute of a reference to a resource, so that only the resource is named. */
export function toResource(reference: string): string {
  return reference.replace(/\uE002.*\uE001$/s, END);
}

/** Writes the references of a text for people: `${Api}`. */
export function toReadable(text: string): string {
  return text.replaceAll(
    /\uE000[^#?\uE001]*[#?]([^\uE001]*)\uE001/g,
    (_, name: string) => `\${${name.replace(ATTRIBUTE, ".")}}`,
  );
}
