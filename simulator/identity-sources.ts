import type { ApiKind } from "../authorizer/gateway/event.ts";
import { err, ok, type Result } from "../contract/result.ts";

/** A part of the request that an authorizer can't do without, and that its cache is keyed by. */
export interface IdentitySource {
  readonly from: "header" | "query" | "context";
  /** As it was written. A header's has no case. */
  readonly name: string;
}

/** What identity sources are read from. */
export interface Identifiable {
  readonly headers: readonly (readonly [string, string])[];
  /** Decoded. */
  readonly query: readonly (readonly [string, string])[];
  /** The `$context` variables. */
  readonly context: Readonly<Record<string, string>>;
}

interface Syntax {
  readonly header: string;
  readonly query: string;
  readonly context: string;
  /** The variables that are modelled. AWS has no narrower list than that of all `$context` variables. */
  readonly variables: readonly string[];
}

const SHARED_VARIABLES = ["stage", "identity.sourceIp", "domainName"];

const REST: Syntax = {
  header: "method.request.header.",
  query: "method.request.querystring.",
  context: "context.",
  variables: [...SHARED_VARIABLES, "path", "httpMethod", "resourcePath"],
};

const HTTP: Syntax = {
  header: "$request.header.",
  query: "$request.querystring.",
  context: "$context.",
  variables: [...SHARED_VARIABLES, "path", "httpMethod", "routeKey"],
};

const SYNTAX: Readonly<Record<ApiKind, Syntax>> = {
  "rest-token": REST,
  "rest-request": REST,
  "http-1": HTTP,
  "http-2": HTTP,
  websocket: {
    header: "route.request.header.",
    query: "route.request.querystring.",
    context: "context.",
    variables: [...SHARED_VARIABLES, "routeKey"],
  },
};

/**
 * Reads an identity source in AWS's syntax. Stage variables are not modelled.
 *
 * @see API reference of Amazon API Gateway, "CreateAuthorizer", `identitySource`
 */
export function parseIdentitySource(
  kind: ApiKind,
  text: string,
): Result<IdentitySource, "identity_source.unknown" | "identity_source.unknown_variable"> {
  const syntax = SYNTAX[kind];
  for (const from of ["header", "query", "context"] as const) {
    if (!text.startsWith(syntax[from])) continue;
    const name = text.slice(syntax[from].length);
    if (from === "context" && !syntax.variables.includes(name)) return err("identity_source.unknown_variable");
    if (/^[^\s,]+$/.test(name)) return ok({ from, name });
  }
  return err("identity_source.unknown");
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
