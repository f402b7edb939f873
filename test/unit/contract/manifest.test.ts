import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../contract/manifest.ts";

const MANIFEST = {
  revision: "0123",
  product_version: "0.2.0",
  opa_version: "1.22.2",
  entrypoints: ["engine/decision"],
  input_references: [["request", "path"]],
  request_values: [{ from: "header", name: "x-tenant", conditions: ["blue"], required: true }],
  user_token_use: "id",
  trailing_slash: "same",
  opens_when_missing: [{ rule: "a.b", reason: "the claim is set by a trigger" }],
  issuers: { named: ["staff"], of_any: ["roles.user"] },
  cache_contract: {
    id: "sha256:0",
    key_dependencies: ["source_ip"],
    required: [],
    route_table: "sha256:1",
    authorizers: {
      request: {
        class: "request",
        rest: ["token"],
        http: ["token"],
        rest_only: true,
        because: { source_ip: ["office"] },
      },
    },
    max_ttl_s: 60,
    token_documents: {
      routes: { "GET /a": true },
      grants: { "a.b": { verbs: ["GET"], path: ["/a"] } },
      denials: { "a.c": { verbs: ["PUT"], path: ["/a"] } },
    },
  },
};
const CONTRACT = MANIFEST.cache_contract;
const REQUEST = CONTRACT.authorizers.request;

/** The objects whose keys are fixed, each with the copy of the manifest that they are in. */
function closedObjects() {
  const manifest = structuredClone(MANIFEST);
  const { cache_contract: contract } = manifest;
  const { token_documents: documents, authorizers } = contract;
  const closed: Readonly<Record<string, object | undefined>> = {
    manifest,
    exemption: manifest.opens_when_missing[0],
    contract,
    authorizer: authorizers.request,
    documents,
    grant: documents.grants["a.b"],
    denial: documents.denials["a.c"],
  };
  return { manifest, closed };
}

const VALUE = { from: "header", name: "x-tenant", conditions: ["blue"] };

describe("parseManifest", () => {
  it("accepts the build's manifest", () => {
    expect(parseManifest(MANIFEST)).toEqual(MANIFEST);
  });

  it.each(Object.keys(closedObjects().closed))("refuses a key that it does not know: %s", (name) => {
    const { manifest, closed } = closedObjects();
    expect(parseManifest(manifest)).toBeDefined();
    Object.assign(closed[name] ?? {}, { until: 0 });
    expect(manifest).not.toEqual(MANIFEST);
    expect(parseManifest(manifest)).toBeUndefined();
  });

  it.each([
    ["nothing", null],
    ["a text", "manifest"],
    ["no revision", { ...MANIFEST, revision: undefined }],
    ["no version of OPA", { ...MANIFEST, opa_version: 1 }],
    ["no version of the product", { ...MANIFEST, product_version: undefined }],
    ["an entry point that is not a name", { ...MANIFEST, entrypoints: [1] }],
    ["input references that are not a list", { ...MANIFEST, input_references: {} }],
    ["a request value of a kind that does not exist", { ...MANIFEST, request_values: [{ ...VALUE, from: "cookie" }] }],
    ["a request value that may be `multiple`", { ...MANIFEST, request_values: [{ ...VALUE, multiple: "yes" }] }],
    ["a request value with an unknown key", { ...MANIFEST, request_values: [{ ...VALUE, first: true }] }],
    ["an input reference that is not a path", { ...MANIFEST, input_references: [["now_s"], "request"] }],
    ["an input reference with a part that is not a name", { ...MANIFEST, input_references: [["request", 7]] }],
    ["no contract", { ...MANIFEST, cache_contract: undefined }],
    ["a contract without an id", { ...MANIFEST, cache_contract: { ...CONTRACT, id: undefined } }],
    ["dependencies that are not names", { ...MANIFEST, cache_contract: { ...CONTRACT, key_dependencies: [1] } }],
    ["required sources that are not a list", { ...MANIFEST, cache_contract: { ...CONTRACT, required: {} } }],
    ["routes that are no list", { ...MANIFEST, cache_contract: { ...CONTRACT, routes: {} } }],
    ["no authorizers", { ...MANIFEST, cache_contract: { ...CONTRACT, authorizers: [] } }],
    ...Object.entries<unknown>({
      routes: { "GET /a": "token" },
      grants: { "a.b": { verbs: "GET", path: ["/a"] } },
      denials: { "a.b": { verbs: ["GET"] } },
    }).map(([name, part]): [string, unknown] => [
      `per-token policy documents with other ${name}`,
      { ...MANIFEST, cache_contract: { ...CONTRACT, token_documents: { ...CONTRACT.token_documents, [name]: part } } },
    ]),
    ...Object.entries<unknown>({
      class: { ...REQUEST, class: "always" },
      "REST only": { ...REQUEST, rest_only: false },
      reasons: { ...REQUEST, because: { source_ip: "office" } },
    }).map(([name, request]): [string, unknown] => [
      `an authorizer with other ${name}`,
      { ...MANIFEST, cache_contract: { ...CONTRACT, authorizers: { request } } },
    ]),
    ["no exemptions", { ...MANIFEST, opens_when_missing: undefined }],
  ])("refuses %s", (_, value) => {
    expect(parseManifest(value)).toBeUndefined();
  });
});
