import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../contract/manifest.ts";

const MANIFEST = {
  revision: "0123",
  opa_version: "1.22.2",
  entrypoints: ["engine/decision"],
  input_references: [["request", "path"]],
  opens_when_missing: [],
  cache_contract: {
    id: "sha256:0",
    key_dependencies: ["source_ip"],
    required: [],
    routes: [],
    authorizers: {},
    token_documents: { routes: { "GET /a": true }, grants: { "a.b": { verbs: ["GET"], path: ["/a"] } }, denials: {} },
  },
};
const CONTRACT = MANIFEST.cache_contract;

describe("parseManifest", () => {
  it("accepts the build's manifest", () => {
    expect(parseManifest(MANIFEST)).toEqual(MANIFEST);
  });

  it.each([
    ["nothing", null],
    ["a text", "manifest"],
    ["no revision", { ...MANIFEST, revision: undefined }],
    ["no version", { ...MANIFEST, opa_version: 1 }],
    ["an entry point that is not a name", { ...MANIFEST, entrypoints: [1] }],
    ["input references that are not a list", { ...MANIFEST, input_references: {} }],
    ["an input reference that is not a path", { ...MANIFEST, input_references: [["now_s"], "request"] }],
    ["an input reference with a part that is not a name", { ...MANIFEST, input_references: [["request", 7]] }],
    ["no contract", { ...MANIFEST, cache_contract: undefined }],
    ["a contract without an id", { ...MANIFEST, cache_contract: { ...CONTRACT, id: undefined } }],
    ["dependencies that are not names", { ...MANIFEST, cache_contract: { ...CONTRACT, key_dependencies: [1] } }],
    ["required sources that are not a list", { ...MANIFEST, cache_contract: { ...CONTRACT, required: {} } }],
    ["no routes", { ...MANIFEST, cache_contract: { ...CONTRACT, routes: undefined } }],
    ["no authorizers", { ...MANIFEST, cache_contract: { ...CONTRACT, authorizers: [] } }],
    ...Object.entries<unknown>({
      routes: { "GET /a": "token" },
      grants: { "a.b": { verbs: "GET", path: ["/a"] } },
      denials: { "a.b": { verbs: ["GET"] } },
    }).map(([name, part]): [string, unknown] => [
      `per-token policy documents with other ${name}`,
      { ...MANIFEST, cache_contract: { ...CONTRACT, token_documents: { ...CONTRACT.token_documents, [name]: part } } },
    ]),
    ["no exemptions", { ...MANIFEST, opens_when_missing: undefined }],
  ])("refuses %s", (_, value) => {
    expect(parseManifest(value)).toBeUndefined();
  });
});
