import { parseTemplate, segmentsOf } from "../../contract/path-template.ts";
import { type Glob, ONE, RUN } from "./language.ts";

/**
 * Splits a path template into the parts of an IAM pattern: `["/customers/", "customer_id", "/orders"]`. Every second part
 * is the name of a parameter that has to equal its claim.
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

/** Describes the paths that a template matches. A parameter stands for one segment, a greedy one for one or more. */
export function globOfTemplate(template: string, values: Readonly<Record<string, string>> = {}): Glob {
  return parseTemplate(template).flatMap((segment) => {
    if (segment.kind === "literal") return [{ literal: segment.text }];
    const value = Object.hasOwn(values, segment.name) ? values[segment.name] : undefined;
    if (value !== undefined) return [{ literal: value }];
    return segment.isGreedy ? [ONE, RUN] : [ONE];
  });
}

/** Describes the canonical paths that a pattern of {@link toPattern} matches. IAM's wildcards match slashes, too. */
export function globOfPattern(pattern: string): Glob {
  return segmentsOf(pattern).flatMap((segment) =>
    segment === "*" || segment === "?*" ? [ONE, RUN] : [{ literal: segment }],
  );
}

/** Tells whether a template has a literal with a character that a REST API passes on percent-encoded. */
export function arrivesEncoded(template: string): boolean {
  return /[^\w.~!$&'()+,=:@/{}-]/.test(template);
}
