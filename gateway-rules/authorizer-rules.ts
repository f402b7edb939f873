import type { Api } from "../contract/api-kinds.ts";
import { groupBy } from "../contract/group-by.ts";
import { parseIdentitySource } from "../contract/identity-sources.ts";
import { MAX_TTL_S } from "../contract/limits.ts";
import type { ApiShape, AuthorizerShape } from "./api-shape.ts";
import type { Breach, Rule } from "./rule.ts";

const REFERENCE = 'API reference of Amazon API Gateway, "CreateAuthorizer"';
const REFERENCE_V2 = 'API reference of Amazon API Gateway V2, "CreateAuthorizer"';

const KINDS: readonly Api[] = ["rest", "http", "websocket"];

const TYPES: Readonly<Record<Api, readonly AuthorizerShape["type"][]>> = {
  rest: ["token", "request", "cognito", "jwt"],
  http: ["request", "jwt"],
  websocket: ["request"],
};

const STAGE_VARIABLE: Readonly<Record<Api, RegExp>> = {
  rest: /^stageVariables\.\w+$/,
  http: /^\$stageVariables\.\w+$/,
  websocket: /^stageVariables\.\w+$/,
};

/** The form of an identity source, for messages. */
const SOURCE_FORMS: Readonly<Record<Api, string>> = {
  rest: "method.request.header.NAME, method.request.querystring.NAME, context.NAME or stageVariables.NAME",
  http: "$request.header.NAME, $request.querystring.NAME, $context.NAME or $stageVariables.NAME",
  websocket: "route.request.header.NAME, route.request.querystring.NAME, context.NAME or stageVariables.NAME",
};

/** Tells whether a text is an identity source in the syntax of a kind of API. */
export function isIdentitySource(kind: Api, text: string): boolean {
  return parseIdentitySource(kind, text).ok || STAGE_VARIABLE[kind].test(text);
}

type Judge = (authorizer: AuthorizerShape, kind: Api) => Omit<Breach, "where"> | undefined;

/** The rules about the authorizers of an API. */
export const AUTHORIZER_RULES: readonly Rule[] = [
  {
    code: "authorizer.name_twice",
    title: "No two authorizers of an API have one name",
    kinds: KINDS,
    effect: "refused",
    source: 'API Gateway: "Authorizer name must be unique"',
    find: ({ authorizers = [] }) =>
      [...groupBy(authorizers, ({ name }) => name)]
        .filter(([name, same]) => name !== undefined && same.length > 1)
        .map(([name, same]) => ({
          where: same.map(({ where }) => where),
          cause: `${same.length} authorizers of the API have the name ${name}`,
          remedy: "rename all but one",
        })),
  },
  toRule(
    "authorizer.name_length",
    "The name of an authorizer has 1 to 128 characters",
    ["http", "websocket"],
    REFERENCE_V2,
    ({ name }) =>
      name === undefined || (name.length >= 1 && name.length <= 128)
        ? undefined
        : { cause: `the name of the authorizer has ${name.length} characters`, remedy: "take 1 to 128" },
  ),
  toRule(
    "authorizer.type",
    "The API has authorizers of this type",
    KINDS,
    `${REFERENCE}, and of V2`,
    ({ type }, kind) =>
      type === undefined || TYPES[kind].includes(type)
        ? undefined
        : {
            cause: `an authorizer of type ${type} is not for this kind of API`,
            remedy: `use ${TYPES[kind].join(" or ")}`,
          },
  ),
  toRule(
    "authorizer.source",
    "An identity source is a header, a parameter or a variable of the request",
    KINDS,
    `${REFERENCE}, and of V2, \`identitySource\``,
    ({ identitySources = [] }, kind) => {
      const wrong = identitySources.filter((text) => !isIdentitySource(kind, text));
      return wrong.length === 0
        ? undefined
        : {
            cause: `${wrong.join(", ")} is not an identity source of this kind of API`,
            remedy: `write ${SOURCE_FORMS[kind]}`,
          };
    },
  ),
  toRule(
    "authorizer.token_source",
    "A TOKEN or Cognito authorizer has one identity source, a header",
    ["rest"],
    `${REFERENCE}, \`identitySource\``,
    ({ type, identitySources }) => {
      if ((type !== "token" && type !== "cognito") || identitySources === undefined) return undefined;
      const [source, ...others] = identitySources.map((text) => parseIdentitySource("rest", text));
      if (source?.ok === true && source.value.from === "header" && others.length === 0) return undefined;
      return {
        cause: `${identitySources.join(", ") || "nothing"} is its identity source, and ${type === "token" ? "a TOKEN" : "a Cognito"} authorizer has exactly one, a header`,
        remedy: "name the header with the token, such as method.request.header.Authorization",
      };
    },
  ),
  toRule(
    "authorizer.ttl",
    `The TTL is 0 to ${MAX_TTL_S} seconds`,
    KINDS,
    `${REFERENCE}, \`authorizerResultTtlInSeconds\``,
    ({ ttlS }) =>
      ttlS === undefined || (Number.isInteger(ttlS) && ttlS >= 0 && ttlS <= MAX_TTL_S)
        ? undefined
        : { cause: `the TTL is ${ttlS} seconds`, remedy: `take a whole number from 0 to ${MAX_TTL_S}` },
  ),
  toRule(
    "authorizer.ttl_of_websocket",
    "A WebSocket API caches no responses of authorizers",
    ["websocket"],
    'API Gateway: "AuthorizerResultTtlInSeconds cannot be set for WEBSOCKET protocol Apis"',
    ({ ttlS = 0 }) =>
      ttlS > 0
        ? {
            cause: "AuthorizerResultTtlInSeconds cannot be set for WEBSOCKET protocol Apis",
            remedy: "leave the TTL out",
          }
        : undefined,
  ),
  toRule(
    "authorizer.ttl_without_source",
    "A cached response has a cache key",
    ["rest", "http"],
    `${REFERENCE}, and of V2, \`identitySource\``,
    ({ ttlS = 0, type, identitySources }) =>
      ttlS > 0 && identitySources?.length === 0 && type !== "jwt"
        ? {
            cause: "Identity source must be set if authorizer caching is enabled (TTL is greater than 0)",
            remedy: "name the parts of the request that the response depends on, or set the TTL to 0",
          }
        : undefined,
  ),
  toRule(
    "authorizer.payload_version",
    "A Lambda authorizer of an HTTP API has payload 1.0 or 2.0",
    ["http"],
    `${REFERENCE_V2}, \`authorizerPayloadFormatVersion\``,
    ({ type, payloadVersion }) =>
      type !== "request" || payloadVersion === undefined || payloadVersion === "1.0" || payloadVersion === "2.0"
        ? undefined
        : { cause: `the payload version is ${payloadVersion ?? "not set"}`, remedy: "set 2.0" },
  ),
  toRule(
    "authorizer.simple_responses",
    "Simple responses need an HTTP API and payload 2.0",
    KINDS,
    `${REFERENCE_V2}, \`enableSimpleResponses\``,
    ({ payloadVersion, hasSimpleResponses = false }, kind) =>
      hasSimpleResponses && (kind !== "http" || payloadVersion === "1.0")
        ? {
            cause: "simple responses need payload 2.0 of an HTTP API",
            remedy: "set payload 2.0, or turn simple responses off",
          }
        : undefined,
  ),
];

/** Makes a rule about single authorizers. */
function toRule(code: string, title: string, kinds: readonly Api[], source: string, judge: Judge): Rule {
  const find = ({ kind, authorizers = [] }: ApiShape) =>
    authorizers.flatMap((authorizer): readonly Breach[] => {
      const broken = judge(authorizer, kind);
      return broken === undefined ? [] : [{ where: [authorizer.where], ...broken }];
    });
  return { code, title, kinds, effect: "refused", source, find };
}
