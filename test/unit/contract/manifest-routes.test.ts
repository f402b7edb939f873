import { describe, expect, it } from "vitest";
import { type CacheContract, formatManifest, type Manifest, parseManifest } from "../../../contract/manifest.ts";
import { formatRoutes, parseRoutes, toManifest } from "../../../contract/manifest-routes.ts";

const ROUTE = {
  verb: "GET",
  path: "/a",
  class: "request",
  authorizer: "request",
  because: [{ read: "source_ip", conditions: ["office"] }],
} as const;

function contractWith(path: string): CacheContract {
  return { id: "sha256:0", key_dependencies: [], required: [], routes: [{ ...ROUTE, path }], authorizers: {} };
}

const MANIFEST: Manifest = {
  revision: "0123",
  product_version: "0.2.0",
  opa_version: "1.22.2",
  entrypoints: [],
  input_references: [],
  request_values: [],
  opens_when_missing: [],
  issuers: { named: [], of_any: [] },
  cache_contract: contractWith("/all"),
  apis: { shop: { cache_contract: contractWith("/shop") }, back: { cache_contract: contractWith("/back") } },
};

/** Writes both files of a manifest, reads them with some changes, and puts the manifest together again. */
function readBack(manifest: Manifest, changes: object = {}, textOf: (text: string) => string = (text) => text) {
  const text = formatManifest(manifest);
  const packed = parseManifest(JSON.parse(text));
  const routes = parseRoutes({ ...JSON.parse(formatRoutes(manifest, text)), ...changes });
  return packed && routes && toManifest(packed, textOf(text), routes);
}

describe("the routes of a build", () => {
  const { apis: _apis, ...unnamed } = MANIFEST;

  it("are written beside the manifest, and read back with it", () => {
    expect(readBack(MANIFEST)).toEqual(MANIFEST);
    expect(readBack(unnamed)).toEqual(unnamed);
  });

  it("are not in the manifest", () => {
    expect(formatManifest(MANIFEST)).not.toMatch(/"routes"|"\/(?:all|shop|back)"/);
  });

  it.each<[string, object]>([
    ["another manifest", { manifest: "sha256:1" }],
    ["no manifest", { manifest: undefined }],
    ["no routes", { routes: undefined }],
    ["one route instead of a list", { routes: ROUTE }],
    ["a route of another class", { routes: [{ ...ROUTE, class: "toString" }] }],
    ["a route with an unknown key", { routes: [{ ...ROUTE, until: 0 }] }],
    ["a reason without conditions", { routes: [{ ...ROUTE, because: [{ read: "now_s" }] }] }],
    ["an unknown key", { until: 0 }],
    ["no APIs", { apis: undefined }],
    ["an API missing", { apis: { shop: [ROUTE] } }],
    ["an API that has no list", { apis: { shop: [ROUTE], back: ROUTE } }],
  ])("are refused with %s", (_, changes) => {
    expect(readBack(MANIFEST, {})).toBeDefined();
    expect(readBack(MANIFEST, changes)).toBeUndefined();
  });

  it("are refused beside a manifest that has changed", () => {
    expect(readBack(MANIFEST, {}, (text) => text.replace("0123", "0124"))).toBeUndefined();
  });
});
