import { parseCanonicalPath } from "../../authorizer/gateway/canonical-path.ts";
import { findNearest } from "../../contract/nearest.ts";
import { segmentsOf } from "../../contract/path-template.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { HTTP_METHODS } from "../../contract/route.ts";

/** The methods that a request can have: `CONNECT` is that of a WebSocket. */
const METHODS: readonly string[] = [...HTTP_METHODS, "CONNECT"];

/** Parses the method of a request; gives a line if it is not one that API Gateway knows. */
export function parseMethod(text: string): Result<string, string> {
  if (METHODS.includes(text)) return ok(text);
  const nearest = findNearest(text.toUpperCase(), METHODS);
  const remedy = nearest === undefined ? `there are ${METHODS.join(", ")}` : `did you mean ${nearest}?`;
  if (text === "ANY") return err(`ANY is not the method of a request; name one of ${METHODS.join(", ")}`);
  return err(`${JSON.stringify(text)} is not a method that API Gateway knows; ${remedy}`);
}

/**
 * Parses the path of a request as the authorizer does, perhaps percent-encoded. A path that is not canonical is denied whatever
 * the policy says.
 *
 * @param mayBeTemplate - Whether it may be a template too, such as `/orders/{id}`, which stands for the paths that it matches.
 */
export function parsePath(text: string, mayBeTemplate = false): Result<string, string> {
  const name = JSON.stringify(text);
  const isTemplate = segmentsOf(text).some((segment) => /^\{.*\}$/.test(segment));
  if (isTemplate && mayBeTemplate) return parseTemplatePath(text);
  if (isTemplate) return err(`${name} is a template; name the path of a request, such as ${toExample(text)}`);
  const path = parseCanonicalPath(text, "encoded");
  if (path.ok) return path;
  return err(
    `${name} is not a canonical path, so that the authorizer denies it (path.not_canonical): ${toCause(text)}`,
  );
}

function parseTemplatePath(text: string): Result<string, string> {
  const segments = segmentsOf(text);
  const isFine = segments.every((segment, at) => {
    const isLast = at === segments.length - 1;
    if (/^\{[A-Za-z0-9._-]*\+?\}$/.test(segment)) return isLast || !segment.endsWith("+}");
    return parseCanonicalPath(`/${segment}`, "decoded").ok;
  });
  // A lock has parameters without names, which other code reads as literals.
  const named = segments.map((segment, at) => segment.replace(/^\{(?=\+?\}$)/, `{p${at + 1}`));
  if (text.startsWith("/") && isFine) return ok(`/${named.join("/")}`);
  return err(`${JSON.stringify(text)} is not a template; parameters are whole segments, and {name+} is the last one`);
}

function toExample(template: string): string {
  return template.replaceAll(/\{[^{}/]*\+\}/g, "a/b").replaceAll(/\{[^{}/]*\}/g, "7");
}

function toCause(text: string): string {
  if (!text.startsWith("/")) return "it must begin with a slash";
  if (text.includes("?")) return "leave out the query, which begins at the question mark";
  if (text.includes("#")) return "leave out the fragment, which begins at #";
  const segments = text.slice(1).split("/");
  if (segments.some((segment) => segment === "." || segment === "..")) return "it has the segment . or ..";
  if (segments.at(-1) === "") return "leave out the slash at its end";
  if (segments.includes("")) return "it has an empty segment";
  return "it has an encoded slash, an encoded letter, or one of \\ % * ? # ; or a control character";
}
