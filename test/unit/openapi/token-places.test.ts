import { expect, it } from "vitest";
import type { CacheContract } from "../../../contract/manifest.ts";
import { parseTokenSources } from "../../../contract/token-source.ts";
import { toEdits } from "../../../openapi/secure-document.ts";

const CONTRACT: CacheContract = {
  id: "sha256:0",
  key_dependencies: [],
  required: [],
  routes: [{ verb: "GET", path: "/a", class: "token", authorizer: "token", because: [] }],
  authorizers: { token: { class: "token", rest: ["token"], http: ["token"], because: {} } },
};

/** The security scheme that is written for tokens in these places. */
function schemeFor(text: string, identitySources: readonly string[]): object {
  const sources = parseTokenSources(text);
  if (!sources.ok) throw new Error(sources.error);
  const { edits } = toEdits(
    { openapi: "3.0.1", paths: { "/a": { get: {} } } },
    {
      contract: CONTRACT,
      api: "rest",
      settings: [{ name: "token", ttlS: 0, identitySources }],
      tokenSources: sources.value,
      authorizerUri: "uri",
      contractId: "0123456789ab",
      isSimple: false,
      publicRules: [],
      apiName: undefined,
    },
  );
  return Object(Object(edits[0]).value);
}

it.each<[string, readonly string[], string, string]>([
  ["header:X-Token", ["method.request.header.X-Token"], "header", "X-Token"],
  ["query:token", ["method.request.querystring.token"], "query", "token"],
  // OpenAPI 2 knows no cookies, so the scheme names the header that holds them.
  ["cookie:session", ["method.request.header.Cookie"], "header", "Cookie"],
  ["subprotocol,query:t,cookie:session", [], "query", "t"],
])("a document says where the token is: %s", (text, identitySources, place, name) => {
  const { "x-amazon-apigateway-authorizer": authorizer, ...scheme } = schemeFor(text, identitySources) as Record<
    string,
    object
  >;
  expect(scheme).toMatchObject({ type: "apiKey", in: place, name });
  const [source] = identitySources;
  expect(authorizer).toEqual({
    type: "request",
    authorizerUri: "uri",
    authorizerResultTtlInSeconds: 0,
    ...(source !== undefined && { identitySource: source }),
  });
});
