import { parseTemplate, segmentsOf } from "../../contract/path-template.ts";
import { type Glob, ONE, RUN } from "./language.ts";

/**
 * A path template as an IAM pattern: `["/customers/", "customer_id", "/orders"]`, where at every second place is a
 * parameter that has to equal its claim.
 */
export function toPattern(path: string, where: Readonly<Record<string, string>>): readonly string[] {
  const parts = [""];
  const add = (text: string) => parts.push(`${parts.pop() ?? ""}${text}`);
  const segments = parseTemplate(path);
  if (segments.length === 0) add("/");
  for (const [at, segment] of segments.entries()) {
    add("/");
    if (segment.kind === "literal") add(segment.text);
    else if (Object.hasOwn(where, segment.name)) parts.push(segment.name, "");
    // At the end `?*` rather than `*`, which would take in the path without this segment.
    else add(at === segments.length - 1 ? "?*" : "*");
  }
  return parts;
}

/** The paths that a template matches, as lists of segments: a parameter is one, a greedy one any number but none. */
export function ofTemplate(template: string, values: Readonly<Record<string, string>> = {}): Glob {
  return parseTemplate(template).flatMap((segment) => {
    if (segment.kind === "literal") return [{ literal: segment.text }];
    const value = Object.hasOwn(values, segment.name) ? values[segment.name] : undefined;
    if (value !== undefined) return [{ literal: value }];
    return segment.isGreedy ? [ONE, RUN] : [ONE];
  });
}

/** The canonical paths that a pattern of {@link toPattern} matches: IAM's wildcards take in slashes. */
export function ofPattern(pattern: string): Glob {
  return segmentsOf(pattern).flatMap((segment) =>
    segment === "*" || segment === "?*" ? [ONE, RUN] : [{ literal: segment }],
  );
}

/** A literal of the template has a character that a REST API hands over percent-encoded. */
export function arrivesEncoded(template: string): boolean {
  return /[^\w.~!$&'()+,=:@/{}-]/.test(template);
}
