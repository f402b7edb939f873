import { isObject, isText, isTexts, own } from "../contract/json.ts";
import { toTtl } from "./document-methods.ts";
import type { Place } from "./finding.ts";
import type { Authorization, Key, ModelDraft } from "./model.ts";
import { isShown, toReadable } from "./references.ts";

/** The two kinds of APIs that AWS SAM makes. */
export type SamKind = "rest" | "http";

/** An API of AWS SAM, and its `Auth`, evaluated. */
export interface SamApi {
  readonly key: Key;
  readonly place: Place;
  readonly kind: SamKind;
  readonly condition: string | undefined;
  readonly auth: Readonly<Record<string, unknown>>;
}

/** Finds the key of one of an API's authorizers. */
function toAuthorizerKey(api: Key, name: string): Key {
  return `${api} scheme ${name}`;
}

/** Adds the authorizers of an API, and gives their keys by name. */
export function addSamAuthorizers(
  draft: ModelDraft,
  { key: api, place, kind, auth }: SamApi,
): ReadonlyMap<string, Key> {
  const { Authorizers: authorizers } = auth;
  const keys = new Map<string, Key>();
  for (const [name, settings] of Object.entries(isObject(authorizers) ? authorizers : {})) {
    const {
      FunctionArn: invoked,
      Identity: identity,
      UserPoolArn: pool,
      FunctionPayloadType: payload,
    } = Object(settings);
    const { ReauthorizeEvery: ttl } = Object(identity);
    const ofFunction = kind === "http" ? "request" : String(payload ?? "TOKEN").toLowerCase();
    const type = isText(invoked) ? ofFunction : pool === undefined ? "jwt" : "cognito_user_pools";
    keys.set(name, toAuthorizerKey(api, name));
    draft.authorizers.push({
      key: toAuthorizerKey(api, name),
      place: { ...place, id: `${place.id}.Auth.Authorizers.${name}` },
      names: [name],
      name,
      api,
      type,
      invokes: isText(invoked) ? invoked : undefined,
      ttlS: toTtl(ttl, kind),
      identitySources: toSources(kind, type, identity),
      markedFor: undefined,
    });
  }
  return keys;
}

const PREFIXES: Readonly<Record<SamKind, Readonly<Record<string, string>>>> = {
  rest: { Headers: "method.request.header.", QueryStrings: "method.request.querystring.", Context: "context." },
  http: { Headers: "$request.header.", QueryStrings: "$request.querystring.", Context: "$context." },
};

function toSources(kind: SamKind, type: string, identity: unknown): readonly string[] {
  if (type === "token") return [`method.request.header.${Object(identity).Header ?? "Authorization"}`];
  return Object.entries(PREFIXES[kind]).flatMap(([key, prefix]) => {
    const names: unknown = Object(identity)[key] ?? [];
    return isTexts(names) ? names.map((name) => prefix + name) : [];
  });
}

/**
 * Reads how an event's route is authorized.
 *
 * @see AWS SAM developer guide, `ApiFunctionAuth`, `HttpApiFunctionAuth`, `ApiAuth`
 */
export function toSamAuthorization(api: SamApi, verb: string, eventAuth: unknown): Authorization {
  const { Authorizer: ofEvent } = Object(eventAuth);
  const named: unknown = ofEvent ?? defaultOf(api, verb);
  if (named === undefined)
    return { kind: "none", cause: "is open to everybody, since its API has no DefaultAuthorizer" };
  if (named === "NONE") {
    const says = ofEvent === "NONE" ? "event says Authorizer" : "API says DefaultAuthorizer";
    return { kind: "none", cause: `is open to everybody, since its ${says}: NONE` };
  }
  if (named === "AWS_IAM") return { kind: "iam" };
  if (!isText(named) || !isShown(named))
    return {
      kind: "unknown",
      cause: `is authorized by a value that the files do not show (${toReadable(String(named))})`,
    };
  const { Authorizers: authorizers } = api.auth;
  if (!isObject(authorizers) || own(authorizers, named) === undefined)
    return { kind: "unknown", cause: `names the authorizer ${named}, which is not among the Authorizers of its API` };
  return { kind: "authorizer", type: "CUSTOM", authorizer: toAuthorizerKey(api.key, named) };
}

/** Finds the default authorizer of a method. AWS SAM leaves it out of `OPTIONS` of HTTP APIs, and if told so, of REST APIs. */
export function defaultOf({ auth, kind }: SamApi, verb: string): unknown {
  const isLeftOut = kind === "http" || /^(false|no|off)$/i.test(String(auth["AddDefaultAuthorizerToCorsPreflight"]));
  return verb.toUpperCase() === "OPTIONS" && isLeftOut ? undefined : auth["DefaultAuthorizer"];
}
