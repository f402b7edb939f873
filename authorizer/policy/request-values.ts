import type { EngineInput } from "../../contract/engine-input.ts";
import type { RequestValue } from "../../contract/manifest.ts";
import type { Request } from "../gateway/request.ts";

type RequestInput = NonNullable<EngineInput["request"]>;

/** The headers and query parameters in the input, and those that are not there because they have several values. */
type GivenValues = Pick<RequestInput, "headers" | "query" | "ambiguous">;

/**
 * Reads the headers and query parameters that a policy reads. One has exactly one value, or is missing: with several, a caller
 * could hide the value that the integration obeys behind one that a condition accepts. An empty value counts as missing, so it
 * never equals an empty claim.
 */
export function readRequestValues(
  request: Pick<Request, "headers" | "query">,
  read: readonly RequestValue[],
): GivenValues {
  const given: Partial<Record<"headers" | "query", Record<string, string[]>>> = {};
  const ambiguous: Record<string, string[]> = {};
  for (const value of read) {
    const { from, name, conditions, multiple } = value;
    const branch = BRANCHES[from];
    given[branch] ??= {};
    const values = listValues(request[branch].get(name) ?? [], value);
    const isOne = values.length === 1 || multiple === true;
    const filled = values.filter((text) => text !== "");
    // The engine would abort at half of a surrogate pair, so that a caller could cause faults. API Gateway sends none.
    const isReadable = values.every((text) => text.isWellFormed());
    if (isOne && isReadable && filled.length > 0) given[branch][name] = filled;
    if (values.length > 1 && !isOne) ambiguous[`${branch}.${name}`] = [...conditions];
  }
  return { ...given, ...(Object.keys(ambiguous).length > 0 && { ambiguous }) };
}

const BRANCHES = { header: "headers", query: "query" } as const;

/**
 * Lists the values of a header or parameter. An HTTP API joins repeated headers with a comma, and a cache key may join repeated
 * parameters so. Nobody can tell one value with a comma from two values, so it is two, on every kind of API.
 */
function listValues(values: readonly string[], { from, required, multiple }: RequestValue): readonly string[] {
  const isJoined = from === "header" || required === true;
  const parts = isJoined ? values.flatMap((value) => value.split(",")) : values;
  return from === "header" && multiple === true ? parts.map((part) => part.trim()) : parts;
}
