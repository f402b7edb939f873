import { type Api, type ApiKind, traitsOf } from "../contract/api-kinds.ts";
import { type IdentitySource, parseIdentitySource } from "../contract/identity-sources.ts";
import { err, type Result } from "../contract/result.ts";

/** The parts of a request that identity sources are read from. */
export interface IdentityParts {
  readonly headers: readonly (readonly [string, string])[];
  /** The decoded query parameters. */
  readonly query: readonly (readonly [string, string])[];
  /** The `$context` variables. */
  readonly context: Readonly<Record<string, string>>;
}

const SHARED_VARIABLES = ["stage", "identity.sourceIp", "domainName"];

/** The context variables that are modelled. AWS does not document which `$context` variables can be identity sources. */
const VARIABLES: Readonly<Record<Api, readonly string[]>> = {
  rest: [...SHARED_VARIABLES, "path", "httpMethod", "resourcePath"],
  http: [...SHARED_VARIABLES, "path", "httpMethod", "routeKey"],
  websocket: [...SHARED_VARIABLES, "routeKey"],
};

/** Parses an identity source; refuses a context variable that the simulator can't evaluate. */
export function readIdentitySource(
  kind: ApiKind,
  text: string,
): Result<IdentitySource, "identity_source.unknown" | "identity_source.unknown_variable"> {
  const { api } = traitsOf(kind);
  const source = parseIdentitySource(api, text);
  const isModelled = !source.ok || source.value.from !== "context" || VARIABLES[api].includes(source.value.name);
  return isModelled ? source : err("identity_source.unknown_variable");
}

/**
 * Evaluates identity sources, in order.
 *
 * It joins the values of repeated headers and parameters with a comma. AWS documents this for HTTP APIs only; for other
 * APIs it is an assumption.
 *
 * @returns Undefined if a value is missing or empty. API Gateway then answers 401 and does not invoke the authorizer.
 */
export function evaluateSources(
  sources: readonly IdentitySource[],
  request: IdentityParts,
): readonly string[] | undefined {
  const values = sources.map((source) => evaluate(source, request));
  return values.includes("") ? undefined : values;
}

function evaluate({ from, name }: IdentitySource, { headers, query, context }: IdentityParts): string {
  switch (from) {
    case "header":
      return joined(headers.filter(([other]) => other.toLowerCase() === name.toLowerCase()));
    case "query":
      return joined(query.filter(([other]) => other === name));
    case "context":
      return context[name] ?? "";
    default:
      return from satisfies never;
  }
}

function joined(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([, value]) => value).join(",");
}
