import { isObject, isText } from "../contract/json.ts";
import { DEFAULT_TTL_S } from "../contract/limits.ts";
import { closesByPolicy } from "../contract/resource-policy.ts";
import { isMockPreflight, isPreflightOperation } from "../openapi/intent.ts";
import { readKeptExtension } from "../openapi/kept-schemes.ts";
import { findNotVisible, operationsOf } from "../openapi/operations.ts";
import { readSecurity } from "../openapi/security.ts";
import { functionOfUri } from "./authorizations.ts";
import type { Place } from "./finding.ts";
import { MARK_KEY, readMarkedFunction, readMarkedMode, readMarkedRules } from "./marks.ts";
import type { Authorization, GateApi, ModelDraft } from "./model.ts";
import { parseTemplate } from "./read-template.ts";

/** The types of authorizers of a document that invoke a function. */
const LAMBDA_TYPES = ["request", "token"];

/** An API, and the condition under which it exists. */
type Owner = Pick<GateApi, "key" | "place" | "condition" | "kind">;

/**
 * Adds the operations of an API's document, and the authorizers of its security schemes.
 *
 * @param body - The document, evaluated; or its text.
 * @param known - The keys of security schemes that were added before, by their names.
 */
export function addDocument(
  draft: ModelDraft,
  api: Owner,
  body: unknown,
  known: ReadonlyMap<string, string> = new Map(),
): void {
  const document = isText(body) ? parseBody(body) : body;
  if (!isObject(document)) {
    draft.unreadable.push({
      place: api.place,
      cause: "the document of the API is not visible in the files, so its operations are not either",
      advice: "give the document inline, with its values known before the deployment",
    });
    return;
  }
  for (const cause of findNotVisible(document))
    draft.unreadable.push({ place: api.place, cause, advice: "the gate judges only what the document shows" });
  if (closesByPolicy(document["x-amazon-apigateway-policy"])) draft.closedApis.push(api.key);
  const schemes = new Map(known);
  // A WebSocket API can't be made of a document.
  const kind = api.kind === "rest" ? "rest" : "http";
  for (const one of operationsOf(document)) {
    const { verb, path, operation } = one;
    const read = readSecurity(document, operation, kind);
    const authorizations: readonly Authorization[] = read.schemes
      ? read.schemes.map(({ name, authorizer, mark }): Authorization => {
          if (authorizer === undefined) return { kind: "iam" };
          const key = schemes.get(name) ?? addScheme(draft, api, { name, authorizer, mark });
          schemes.set(name, key);
          return { kind: "authorizer", type: "CUSTOM", authorizer: key };
        })
      : [{ kind: "none", cause: read.error }];
    const kept = readKeptExtension(operation);
    const keptKey = kept && schemes.get(kept.authorizer);
    draft.methods.push({
      key: `${api.key} ${verb} ${path}`,
      place: api.place,
      api: api.key,
      name: `the operation ${verb} ${path}`,
      verb,
      path,
      routeKey: undefined,
      authorizations,
      isPreflight: isPreflightOperation(document, one),
      isForwarded: !isMockPreflight(one) && operation["x-amazon-apigateway-integration"] !== undefined,
      cacheKeys: readCacheKeys(Object(operation["x-amazon-apigateway-integration"]).cacheKeyParameters),
      isOfApiResource: true,
      condition: api.condition,
      ...(kept && keptKey !== undefined && { kept: { authorizer: keptKey, reason: kept.reason } }),
    });
  }
}

/** Lists the names of a response cache's key. */
export function readCacheKeys(parameters: unknown): readonly string[] {
  return [parameters ?? []].flat().filter(isText);
}

function addScheme(
  draft: ModelDraft,
  { key: api, place, kind }: Owner,
  { name, authorizer, mark }: { readonly name: string; readonly authorizer: object; readonly mark: unknown },
): string {
  const {
    type: written,
    authorizerUri: uri,
    authorizerResultTtlInSeconds: ttl,
    identitySource,
  }: Readonly<Record<string, unknown>> = { ...authorizer };
  const metadata = { [MARK_KEY]: mark };
  const invokes = readMarkedFunction(metadata);
  const type = String(written).toLowerCase();
  const key = `${api} scheme ${name}`;
  draft.authorizers.push({
    key,
    place: nameInDocument(place, name),
    names: [name],
    name,
    api,
    type,
    invokes: LAMBDA_TYPES.includes(type) ? functionOfUri(uri) : undefined,
    ttlS: toTtl(ttl, kind),
    identitySources: splitSources(identitySource),
    markedFor: isText(invokes) ? invokes : undefined,
    markedRules: readMarkedRules(metadata),
    markedMode: readMarkedMode(metadata),
  });
  return key;
}

function nameInDocument(place: Place, scheme: string): Place {
  return { ...place, id: `${place.id} securitySchemes.${scheme}` };
}

function parseBody(text: string): unknown {
  const parsed = parseTemplate(text);
  return parsed.ok ? parsed.value : undefined;
}

/** Reads a TTL in seconds; undefined if the files don't show it. Without one, a REST API caches. */
export function toTtl(value: unknown, kind: GateApi["kind"]): number | undefined {
  if (value === undefined) return kind === "rest" ? DEFAULT_TTL_S : 0;
  const ttl = Number(value);
  return Number.isNaN(ttl) ? undefined : ttl;
}

/** Reads identity sources: a text with commas, or a list. */
export function splitSources(sources: unknown): readonly string[] {
  if (isText(sources)) return sources.split(/\s*,\s*/).filter((source) => source !== "");
  return Array.isArray(sources) ? sources.filter(isText) : [];
}
