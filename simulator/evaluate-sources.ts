import { type Api, type ApiKind, traitsOf } from "../contract/api-kinds.ts";
import { type IdentitySource, parseIdentitySource } from "../contract/identity-sources.ts";
import { err, type Result } from "../contract/result.ts";

/** What identity sources are read from. */
export interface Identifiable {
  readonly headers: readonly (readonly [string, string])[];
  /** Decoded. */
  readonly query: readonly (readonly [string, string])[];
  /** The `$context` variables. */
  readonly context: Readonly<Record<string, string>>;
}

const SHARED_VARIABLES = ["stage", "identity.sourceIp", "domainName"];

/** The context variables that are modelled. AWS has no narrower list than that of all `$context` variables. */
const VARIABLES: Readonly<Record<Api, readonly string[]>> = {
  rest: [...SHARED_VARIABLES, "path", "httpMethod", "resourcePath"],
  http: [...SHARED_VARIABLES, "path", "httpMethod", "routeKey"],
  websocket: [...SHARED_VARIABLES, "routeKey"],
};

/** Reads an identity source that the simulator can evaluate. */
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
 * Values of repeated headers and parameters are joined by a comma. That is documented for HTTP APIs only; for the others
 * it is an assumption.
 *
 * @returns Nothing if one is missing or empty, for which API Gateway answers 401 and does not ask the authorizer.
 */
export function evaluateSources(
  sources: readonly IdentitySource[],
  request: Identifiable,
): readonly string[] | undefined {
  const values = sources.map((source) => evaluate(source, request));
  return values.includes("") ? undefined : values;
}

function evaluate({ from, name }: IdentitySource, { headers, query, context }: Identifiable): string {
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
