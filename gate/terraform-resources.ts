import type { Api } from "../contract/api-kinds.ts";
import { isText, isTexts } from "../contract/json.ts";
import { closesByPolicy } from "../contract/resource-policy.ts";
import { toAuthorization } from "./authorizations.ts";
import { addDocument, splitSources, toTtl } from "./document-methods.ts";
import { toEnvironment } from "./function-resources.ts";
import { hasRevisionTag } from "./marks.ts";
import type { MethodCaching } from "./model.ts";
import { toShown } from "./references.ts";
import { readDeployment } from "./terraform-deployments.ts";
import type { PlannedResource } from "./terraform-plan.ts";
import type { PlanReading } from "./terraform-reading.ts";

/** Reads resources of one type into a model. */
type ReadPlanned = (resource: PlannedResource, reading: PlanReading) => void;

const REST = ["aws_api_gateway_rest_api"];
const V2 = ["aws_apigatewayv2_api"];
const API_TYPES = [...REST, ...V2];

const KNOWN_BEFORE =
  "make its values known before the apply, for instance by names and ARNs that are written out, or describe its methods by resources";

const readRestApi: ReadPlanned = (resource, reading) => {
  const { draft, placeOf, namesOf, isUnknown, refuse } = reading;
  const { values, key, expressions } = resource;
  const api = {
    key,
    place: placeOf(resource),
    names: namesOf(resource),
    kind: "rest" as const,
    isEndpointDisabled: values["disable_execute_api_endpoint"] === true,
    isDeployedByItself: false,
    condition: undefined,
  };
  draft.apis.push(api);
  // The provider shows no policy of a new API before the apply, even if its configuration has none.
  const isHidden = expressions["policy"] !== undefined && isUnknown(resource, "policy");
  if (isHidden || (isText(values["policy"]) && closesByPolicy(values["policy"]))) draft.closedApis.push(key);
  if (isUnknown(resource, "body"))
    refuse(resource, "the document of the API is known after the apply only", KNOWN_BEFORE);
  else if (isText(values["body"])) addDocument(draft, api, values["body"]);
};

/** A resource that puts a document into an API. */
const readPut: ReadPlanned = (resource, reading) => {
  const { draft, keysOf, placeOf, isUnknown, refuse } = reading;
  const [key = ""] = keysOf(resource, "rest_api_id", REST);
  const api = { key, place: placeOf(resource), kind: "rest" as const, condition: undefined };
  if (isUnknown(resource, "body") || !isText(resource.values["body"]))
    refuse(resource, "the document of the API is known after the apply only", KNOWN_BEFORE);
  else addDocument(draft, api, resource.values["body"]);
};

const readMethod: ReadPlanned = (resource, reading) => {
  const { draft, keysOf, placeOf, isUnknown } = reading;
  const { values, key } = resource;
  const verb = values["http_method"];
  const path = pathOf(resource, reading);
  const integration = reading.integrationOf(resource);
  const keys = integration?.values["cache_key_parameters"];
  for (const api of orHidden(keysOf(resource, "rest_api_id", REST)))
    draft.methods.push({
      key,
      place: placeOf(resource),
      api,
      name: path === undefined ? `${String(verb)} of ${resource.address}` : `${String(verb)} ${path}`,
      verb: isText(verb) ? verb : undefined,
      path,
      routeKey: undefined,
      authorizations: toAuthorizations(resource, reading, "authorization", ["aws_api_gateway_authorizer"]),
      isPreflight: verb === "OPTIONS" && integration?.values["type"] === "MOCK" && !isUnknown(resource, "http_method"),
      cacheKeys: isTexts(keys) ? keys : [],
      isOfApiResource: false,
      condition: undefined,
    });
};

/** Reads the ways in which a method is authorized: one for each authorizer that its expression could name. */
function toAuthorizations(
  resource: PlannedResource,
  { keysOf, isUnknown }: PlanReading,
  attribute: string,
  types: readonly string[],
) {
  if (isUnknown(resource, attribute))
    return [{ kind: "unknown" as const, cause: "is authorized by a value that is known after the apply only" }];
  const type = resource.values[attribute] ?? undefined;
  const keys = keysOf(resource, "authorizer_id", types);
  return keys.length === 0 ? [toAuthorization(type, undefined)] : keys.map((key) => toAuthorization(type, key));
}

function orHidden(keys: readonly string[]): readonly string[] {
  return keys.length === 0 ? [""] : keys;
}

const RESOURCE = ["aws_api_gateway_resource"];

/** Follows the resources of a path to the root; undefined if the plan does not show one of them. */
function pathOf(resource: PlannedResource, { keysOf, byKey, planned }: PlanReading): string | undefined {
  const parts: string[] = [];
  let at = resource;
  let attribute = "resource_id";
  for (let depth = 0; depth < 100; depth += 1) {
    if (planned.leavesOf(at, attribute).some((leaf) => leaf.attribute === "root_resource_id"))
      return `/${parts.join("/")}`;
    const [key, ...others] = keysOf(at, attribute, RESOURCE);
    const parent = byKey.get(key ?? "");
    if (parent === undefined || others.length > 0) return undefined;
    const { path, path_part: part } = parent.values;
    if (isText(path)) return [path, ...parts].join("/");
    if (!isText(part)) return undefined;
    parts.unshift(part);
    at = parent;
    attribute = "parent_id";
  }
  return undefined;
}

/**
 * Finds the API of an authorizer. A module that is given several APIs names one by a key, which the plan does not show before the apply:
 * then the API is hidden, and only its kind may be known.
 */
function findApi(
  resource: PlannedResource,
  { keysOf, byKey }: PlanReading,
  attribute: "rest_api_id" | "api_id",
): { readonly api: string; readonly kind?: Api | undefined } {
  const [first = "", ...others] = keysOf(resource, attribute, attribute === "rest_api_id" ? REST : V2);
  if (others.length === 0) return { api: first };
  const kinds = new Set([first, ...others].map((key) => kindOf(byKey.get(key))));
  const [kind] = kinds;
  // Only an HTTP API's authorizer has a version of its payload, and each that invokes a function has one.
  const ofPayload = isText(resource.values["authorizer_payload_format_version"]) ? "http" : "websocket";
  return { api: `${resource.key}.${attribute}`, kind: kinds.size === 1 ? kind : ofPayload };
}

function kindOf(api: PlannedResource | undefined): Api {
  if (api === undefined || REST.includes(api.type)) return "rest";
  return api.values["protocol_type"] === "WEBSOCKET" ? "websocket" : "http";
}

const readAuthorizer =
  (api: "rest_api_id" | "api_id", kind: "rest" | "http"): ReadPlanned =>
  (resource, reading) => {
    const { draft, placeOf, namesOf, invokedBy, isUnknown } = reading;
    const { values, key } = resource;
    const type = values["type"] ?? values["authorizer_type"] ?? "TOKEN";
    const ttl = values["authorizer_result_ttl_in_seconds"] ?? undefined;
    for (const invokes of invokedBy(resource))
      draft.authorizers.push({
        key,
        place: placeOf(resource),
        names: namesOf(resource),
        name: isText(values["name"]) ? values["name"] : undefined,
        ...findApi(resource, reading, api),
        type: String(type).toLowerCase(),
        invokes,
        ttlS: isUnknown(resource, "authorizer_result_ttl_in_seconds") ? undefined : toTtl(ttl, kind),
        identitySources: splitSources(values["identity_source"] ?? values["identity_sources"]),
        markedFor: undefined,
      });
  };

const readRestStage: ReadPlanned = (resource, reading) => {
  const { draft, keysOf, placeOf, namesOf, all } = reading;
  const [api = ""] = keysOf(resource, "rest_api_id", REST);
  const settings = all.filter(
    (one) => one.type === "aws_api_gateway_method_settings" && keysOf(one, "rest_api_id", REST).includes(api),
  );
  draft.stages.push({
    place: placeOf(resource),
    names: [...namesOf(resource), ...[resource.values["stage_name"]].filter(isText)],
    name: toShown(resource.values["stage_name"]),
    api,
    isAutoDeployed: false,
    deployment: keysOf(resource, "deployment_id", ["aws_api_gateway_deployment"])[0],
    caching: settings.flatMap(toCaching),
  });
};

/** Reads `method_path`, such as `orders/{id}/GET`, and whether its responses are cached. */
function toCaching({ values }: PlannedResource): readonly MethodCaching[] {
  const { method_path: written, settings } = values;
  const [, path = "*", verb = "*"] = /^(.*)\/([^/]*)$/s.exec(String(written)) ?? [];
  return [settings ?? []].flat().flatMap((one) => {
    const { caching_enabled: caching } = Object(one);
    if (typeof caching !== "boolean") return [];
    return [
      { verb, path: path === "*" ? "*" : `/${path.replaceAll("~1", "/").replace(/^\//, "")}`, isCaching: caching },
    ];
  });
}

const readV2Api: ReadPlanned = (resource, reading) => {
  const { draft, placeOf, namesOf, isUnknown, refuse } = reading;
  const { values, key } = resource;
  const hasTarget = isText(values["target"]) || isUnknown(resource, "target");
  const place = placeOf(resource);
  const api = {
    key,
    place,
    names: namesOf(resource),
    kind: kindOf(resource),
    isEndpointDisabled: values["disable_execute_api_endpoint"] === true,
    isDeployedByItself: hasTarget,
    condition: undefined,
  };
  draft.apis.push(api);
  if (isUnknown(resource, "body"))
    refuse(resource, "the document of the API is known after the apply only", KNOWN_BEFORE);
  else if (isText(values["body"])) addDocument(draft, api, values["body"]);
  if (!hasTarget) return;
  const routeKey = isText(values["route_key"]) ? values["route_key"] : "$default";
  draft.methods.push({
    key: `${key} quick-create`,
    place,
    api: key,
    name: `the route ${routeKey} that quick-create makes for its target`,
    verb: undefined,
    path: undefined,
    routeKey,
    authorizations: [toAuthorization(undefined, undefined)],
    isPreflight: false,
    cacheKeys: [],
    isOfApiResource: true,
    condition: undefined,
  });
};

const readRoute: ReadPlanned = (resource, reading) => {
  const { draft, keysOf, placeOf, isUnknown, refuse } = reading;
  const { values, key } = resource;
  const routeKey = values["route_key"];
  if (!isText(routeKey)) refuse(resource, "the route's key is known after the apply only", "write its route_key");
  const [verb, path] = isText(routeKey) ? routeKey.split(" ") : [];
  const authorizations = toAuthorizations(resource, reading, "authorization_type", ["aws_apigatewayv2_authorizer"]);
  const hasTarget = isText(values["target"]) || isUnknown(resource, "target");
  for (const api of orHidden(keysOf(resource, "api_id", V2)))
    draft.methods.push({
      key,
      place: placeOf(resource),
      api,
      name: `the route ${String(routeKey)}`,
      verb,
      path,
      routeKey: isText(routeKey) ? routeKey : undefined,
      authorizations,
      isPreflight: verb === "OPTIONS" && !hasTarget && authorizations.every(({ kind }) => kind === "none"),
      cacheKeys: [],
      isOfApiResource: false,
      condition: undefined,
    });
};

const readV2Stage: ReadPlanned = (resource, { draft, keysOf, placeOf, namesOf }) => {
  draft.stages.push({
    place: placeOf(resource),
    names: namesOf(resource),
    name: toShown(resource.values["name"]),
    api: keysOf(resource, "api_id", V2)[0] ?? "",
    isAutoDeployed: resource.values["auto_deploy"] === true,
    deployment: keysOf(resource, "deployment_id", ["aws_apigatewayv2_deployment"])[0],
    caching: [],
  });
};

const readFunction: ReadPlanned = (resource, { draft, placeOf, namesOf }) => {
  const { values, unknown, key } = resource;
  const variablesOf = (environment: unknown): unknown => Object([environment ?? []].flat()[0]).variables;
  const unknownVariables = variablesOf(unknown["environment"]);
  const hidden = Object.keys(Object(unknownVariables));
  draft.functions.push({
    key,
    place: placeOf(resource),
    names: [...namesOf(resource), ...[values["function_name"]].filter(isText)],
    name: isText(values["function_name"]) ? values["function_name"] : undefined,
    environment: {
      ...Object.fromEntries(hidden.map((name) => [name, undefined])),
      ...toEnvironment(variablesOf(values["environment"])),
    },
    // The provider shows no variable if one of them is known after the apply only, such as the id of a new user pool.
    hidesVariables: unknownVariables === true,
    isMarked: hasRevisionTag(values["tags"]) || hasRevisionTag(values["tags_all"]),
    publicRules: undefined,
  });
};

const readAlias: ReadPlanned = (resource, { draft, keysOf }) => {
  for (const of of keysOf(resource, "function_name", ["aws_lambda_function"]))
    draft.functionNames.push({ key: resource.key, of, name: toShown(resource.values["name"]) });
};

/** Reads a resource policy that is a resource of its own. One that is known after the apply only may close anything. */
const readPolicy: ReadPlanned = (resource, { draft, keysOf, isUnknown }) => {
  if (!isUnknown(resource, "policy") && !closesByPolicy(resource.values["policy"])) return;
  draft.closedApis.push(...keysOf(resource, "rest_api_id", REST));
};

const readDomain: ReadPlanned = ({ key, values }, { draft }) => {
  const { domain_name: name, mutual_tls_authentication: tls } = values;
  draft.domains.push({ key, name: isText(name) ? name : undefined, hasMutualTls: [tls ?? []].flat().length > 0 });
};

const DOMAIN_TYPES = ["aws_api_gateway_domain_name", "aws_apigatewayv2_domain_name"];

const readMapping: ReadPlanned = (resource, { draft, keysOf, placeOf, namesOf }) => {
  for (const domain of keysOf(resource, "domain_name", DOMAIN_TYPES))
    for (const api of keysOf(resource, "api_id", API_TYPES))
      draft.mappings.push({ place: placeOf(resource), names: namesOf(resource), api, domain });
};

const readRoutingRule: ReadPlanned = (resource, { draft, keysOf, placeOf, namesOf, planned }) => {
  const domains = keysOf(resource, "domain_name", DOMAIN_TYPES);
  const written = [resource.values["actions"] ?? []].flat();
  const named = written.flatMap((one) => [Object(one).invoke_api ?? []].flat().map((api) => Object(api).api_id));
  const leaves = planned.leavesOf(resource, "actions");
  const referred = leaves.filter(({ base }) => API_TYPES.includes(base.split(".")[0] ?? "")).flatMap(planned.find);
  const apis = new Set([...named.filter(isText), ...referred.map(({ key }) => key)]);
  for (const domain of domains)
    for (const api of apis) draft.mappings.push({ place: placeOf(resource), names: namesOf(resource), api, domain });
};

/** Types that have no methods, and those that others read. */
export const WITHOUT_METHODS: ReadonlySet<string> = new Set([
  ...[
    ...["account", "api_key", "client_certificate", "documentation_part", "documentation_version"],
    ...["domain_name_access_association", "gateway_response", "integration", "integration_response"],
    ...["method_response", "method_settings", "model", "request_validator", "resource"],
    ...["usage_plan", "usage_plan_key", "vpc_link"],
  ].map((name) => `aws_api_gateway_${name}`),
  ...["integration", "integration_response", "model", "route_response", "vpc_link"].map(
    (name) => `aws_apigatewayv2_${name}`,
  ),
]);

/** The readers of a plan's resources, by type. */
export const TERRAFORM_READERS: Readonly<Record<string, ReadPlanned>> = {
  aws_api_gateway_rest_api: readRestApi,
  aws_api_gateway_rest_api_policy: readPolicy,
  aws_api_gateway_rest_api_put: readPut,
  aws_api_gateway_method: readMethod,
  aws_api_gateway_authorizer: readAuthorizer("rest_api_id", "rest"),
  aws_api_gateway_deployment: readDeployment("rest_api_id", "aws_api_gateway_method"),
  aws_api_gateway_stage: readRestStage,
  aws_api_gateway_domain_name: readDomain,
  aws_api_gateway_base_path_mapping: readMapping,
  aws_apigatewayv2_api: readV2Api,
  aws_apigatewayv2_route: readRoute,
  aws_apigatewayv2_authorizer: readAuthorizer("api_id", "http"),
  aws_apigatewayv2_deployment: readDeployment("api_id", "aws_apigatewayv2_route"),
  aws_apigatewayv2_stage: readV2Stage,
  aws_apigatewayv2_domain_name: readDomain,
  aws_apigatewayv2_api_mapping: readMapping,
  aws_apigatewayv2_routing_rule: readRoutingRule,
  aws_lambda_function: readFunction,
  aws_lambda_alias: readAlias,
};
