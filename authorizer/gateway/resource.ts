import { MAX_RESOURCE_CHARS } from "../../contract/limits.ts";
import { formatMethodArn, type MethodArn } from "./method-arn.ts";

/**
 * Makes the `Resource` that allows a request: its ARN; or, for an ARN that is too long, a pattern that begins like it.
 *
 * Such a pattern matches other requests too. API Gateway applies a response to the requests with its cache key only. If the
 * key has the method and `$context.path`, these differ from the request at most by the stage or base path in front of their
 * path. So none of them is let through unless the pattern matches such a path, and then there is no resource.
 *
 * @param paths - The event's fields for the path, perhaps with a stage or base path; `$context.path` must be among them.
 * @param isKeyOfRequest - Whether each cached response is for one method and `$context.path`, or nothing is cached.
 * @returns Undefined if no resource allows this request and no other.
 */
export function toResource(
  arn: MethodArn,
  paths: readonly (string | undefined)[],
  isKeyOfRequest: boolean,
): string | undefined {
  const exact = formatMethodArn(arn);
  if (exact.length <= MAX_RESOURCE_CHARS) return exact;
  // Without `$context.path` it is not known which other requests have the same key.
  if (!isKeyOfRequest || paths.includes(undefined)) return undefined;
  const cut = exact.slice(0, MAX_RESOURCE_CHARS - 1);
  // A character of two units may have been cut in half.
  const start = cut.isWellFormed() ? cut : cut.slice(0, -1);
  const startOfPath = start.slice(formatMethodArn({ ...arn, path: "" }).length);
  return paths.some((path = "") => hasOther(path, arn.path, startOfPath)) ? undefined : `${start}*`;
}

/** Tells whether a path has, behind some stage or base path, another path than the request's that starts like it. */
function hasOther(text: string, path: string, start: string): boolean {
  return [...text.matchAll(/\//g)].some(({ index }) => text.startsWith(start, index) && text.slice(index) !== path);
}
