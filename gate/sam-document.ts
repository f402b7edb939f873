import { isObject, isText } from "../contract/json.ts";
import { type Edit, toWriteOut, withEdits } from "../openapi/edits.ts";
import { operationsOf } from "../openapi/operations.ts";
import { isTrue } from "./flags.ts";
import { defaultOf, type SamApi } from "./sam-auth.ts";
import { routeOf } from "./sam-events.ts";

/** The requirements that AWS SAM adds for API keys, which authorize nobody. */
const KEYS = ["api_key", "api_key_false"];

/**
 * Writes the authorizers of an API of AWS SAM into its document, as AWS SAM does: an operation that names none of them gets
 * the default, unless it names `NONE`.
 *
 * @param eventAuthorizers - The authorizers that events name, by `GET /path`, as far as events change the document.
 *
 * @see aws-sam-translator, `swagger.py` and `open_api.py`, `set_path_default_authorizer`
 */
export function withSamSecurity(
  document: Readonly<Record<string, unknown>>,
  api: SamApi,
  eventAuthorizers: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  const { Authorizers: authorizers } = api.auth;
  const names = ["AWS_IAM", ...Object.keys(isObject(authorizers) ? authorizers : {})];
  let hasIam = api.kind === "http" && isTrue(api.auth["EnableIamAuthorizer"]);
  const edits: Edit[] = [];
  for (const { verb, path, at, references, operation } of operationsOf(document)) {
    const ofEvent = eventAuthorizers.get(routeOf({ verb, path }));
    const ofDocument = [operation["security"] ?? []].flat().map((one) => Object.keys(Object(one)));
    const isNew = isText(ofEvent) && !ofDocument.some((one) => one.includes(ofEvent));
    const written = isNew ? [...ofDocument, [ofEvent]] : ofDocument;
    const preset = defaultOf(api, verb);
    const defaults = isText(preset) ? [[preset]] : [];
    const security =
      api.kind === "http"
        ? toHttpSecurity(written, defaults)
        : toRestSecurity(
            written.flatMap((one) => withoutKeys(one, api)),
            defaults,
            names,
          );
    // With a default, AWS SAM adds the scheme of IAM for operations that it looks at.
    hasIam ||= isText(preset) && security[0]?.includes("AWS_IAM") === true;
    edits.push(...references.map(toWriteOut), { path: [...at, "security"], value: security.map(toRequirement) });
  }
  const secured = withEdits(document, edits);
  const known = names.filter((name) => name !== "AWS_IAM" || hasIam);
  const schemes = Object.fromEntries(known.map((name) => [name, name === "AWS_IAM" ? IAM : CUSTOM]));
  const { components, securityDefinitions } = document;
  if (document["swagger"] !== undefined)
    return { ...secured, securityDefinitions: { ...Object(securityDefinitions), ...schemes } };
  const securitySchemes = { ...Object(Object(components).securitySchemes), ...schemes };
  return { ...secured, components: { ...Object(components), securitySchemes } };
}

/** The names of the schemes that have to be fulfilled together. */
type Requirement = readonly string[];

function toRequirement(names: Requirement): object {
  return Object.fromEntries(names.map((name) => [name, []]));
}

/** Makes the security of an operation of an HTTP API: AWS SAM adds the default where there is no security at all. */
function toHttpSecurity(written: readonly Requirement[], preset: readonly Requirement[]): readonly Requirement[] {
  return written.length > 0 ? written : preset;
}

/**
 * Makes the security of an operation of a REST API: AWS SAM adds the default where no authorizer is named, and `NONE` removes
 * those that are.
 */
function toRestSecurity(
  written: readonly Requirement[],
  preset: readonly Requirement[],
  authorizers: readonly string[],
): readonly Requirement[] {
  const isOfApi = (names: Requirement) => names.some((name) => authorizers.includes(name));
  if (written.some((names) => names.includes("NONE")))
    return written.filter((names) => !names.includes("NONE") && !isOfApi(names));
  return written.some(isOfApi) ? written : [...written, ...preset];
}

/** Removes API keys. With `ApiKeyRequired`, AWS SAM replaces a whole requirement that names one, with what else it names. */
function withoutKeys(names: Requirement, { auth }: SamApi): readonly Requirement[] {
  const others = names.filter((name) => !KEYS.includes(name));
  const isReplaced = others.length < names.length && isTrue(auth["ApiKeyRequired"]);
  return isReplaced || (others.length === 0 && names.length > 0) ? [] : [others];
}

const IAM = { "x-amazon-apigateway-authtype": "awsSigv4" };

/** Marks an authorizer, and says no more: the gate knows those of `Auth` already. */
const CUSTOM = { "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": { type: "custom" } };
