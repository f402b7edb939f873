import { isObject } from "../../contract/json.ts";
import { escapeSteering } from "../../contract/steering.ts";

/** The values that `testing.input_for` gives to fields that a case does not have. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  kind: "user",
  method: "GET",
  source_ip: "192.0.2.1",
  now_s: 1_000_000,
};

/** The fields of the input in a case, in the order in which a case has them. */
const PRINCIPAL_FIELDS = ["kind", "id", "issuer", "issuer_name", "client_id", "token_use"];
const OTHER_FIELDS = ["now_s", "calendar"];
const REQUEST_FIELDS = [
  ...["method", "path", "api", "api_id", "stage", "source_ip"],
  ...["client_certificate", "headers", "query", "ambiguous"],
];

/**
 * Formats an input as a case of a table test: a line such as `"support changes nothing": {"path": "/a", "effect": "deny"},`.
 * `testing.input_for` makes the same input from it.
 */
export function formatReadyCase(title: string, input: unknown, effect: string): string {
  const { principal, request = {}, ...others } = isObject(input) ? input : {};
  const fields = {
    ...toPrincipalFields(principal),
    ...toFields(REQUEST_FIELDS, request),
    ...toFields(OTHER_FIELDS, others),
  };
  // A name from a policy may have characters that turn the direction of a line.
  return escapeSteering(`${toRego(title)}: ${toRego({ ...fields, effect })},`);
}

function toPrincipalFields(principal: unknown): object {
  if (!isObject(principal)) return { who: null };
  const { "cognito:groups": groups, scope, ...others } = isObject(principal["claims"]) ? principal["claims"] : {};
  const claims = {
    ...others,
    ...(groups !== undefined && !Array.isArray(groups) && { "cognito:groups": groups }),
    ...(scope !== undefined && typeof scope !== "string" && { scope }),
  };
  return {
    ...(Array.isArray(groups) && { groups }),
    ...(typeof scope === "string" && { scopes: scope.split(" ") }),
    ...(Object.keys(claims).length > 0 && { claims }),
    ...toFields(PRINCIPAL_FIELDS, principal),
  };
}

/** Lists the fields that differ from what a case without them has. */
function toFields(names: readonly string[], values: unknown): object {
  const given = isObject(values) ? values : {};
  const own = names.filter((name) => given[name] !== DEFAULTS[name]);
  return Object.fromEntries(own.map((name) => [name, given[name] ?? null]));
}

/** Formats a JSON value as Rego, on one line as `opa fmt` does. */
function toRego(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toRego).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${toRego(item)}`)
    .join(", ")}}`;
}
