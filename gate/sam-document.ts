import { isObject, isText } from "../contract/json.ts";
import { operationsOf } from "../openapi/operations.ts";
import { defaultOf, type SamApi } from "./sam-auth.ts";

/** The requirements that AWS SAM adds for API keys, which authorize nobody. */
const KEYS = ["api_key", "api_key_false"];

/**
 * Writes the authorizers of an API of AWS SAM into its document, as AWS SAM does: an operation that names none of them gets
 * the default, unless it names `NONE`.
 *
 * @param eventAuthorizers - The authorizers that events name, by `GET /path`.
 */
export function withSamSecurity(
  document: Readonly<Record<string, unknown>>,
  api: SamApi,
  eventAuthorizers: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  const { Authorizers: authorizers } = api.auth;
  const names = ["AWS_IAM", ...Object.keys(isObject(authorizers) ? authorizers : {})];
  const paths: Record<string, unknown> = { ...Object(document["paths"]) };
  for (const { verb, path, key, operation } of operationsOf(document)) {
    const existing = [operation["security"] ?? []].flat().flatMap((one) => Object.keys(Object(one)));
    const ofEvent = eventAuthorizers.get(`${verb} ${path}`);
    const all = [...existing, ...(isText(ofEvent) ? [ofEvent] : [])].filter((name) => !KEYS.includes(name));
    const preset = defaultOf(api, verb);
    const security = all.includes("NONE")
      ? all.filter((name) => name !== "NONE")
      : all.some((name) => names.includes(name)) || !isText(preset)
        ? all
        : [...all, preset];
    paths[path] = {
      ...Object(paths[path]),
      [key]: { ...operation, security: security.map((name) => ({ [name]: [] })) },
    };
  }
  const schemes = Object.fromEntries(names.map((name) => [name, name === "AWS_IAM" ? IAM : CUSTOM]));
  const { components, securityDefinitions } = document;
  if (document["swagger"] !== undefined)
    return { ...document, paths, securityDefinitions: { ...Object(securityDefinitions), ...schemes } };
  const securitySchemes = { ...Object(Object(components).securitySchemes), ...schemes };
  return { ...document, paths, components: { ...Object(components), securitySchemes } };
}

const IAM = { "x-amazon-apigateway-authtype": "awsSigv4" };

/** Marks an authorizer, and says no more: the gate knows those of `Auth` already. */
const CUSTOM = { "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": { type: "custom" } };
