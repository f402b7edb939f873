import { describe, expect, it } from "vitest";
import { receive } from "../../../simulator/arrival.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";
import { apiOf, requestOf } from "../../support/simulated.ts";

const DOMAIN = "api.example.com";
const MAPPINGS = ["", "shop", "shop/v2"].map((basePath) => ({ domainName: DOMAIN, basePath }));

/** Sends a request and returns its path in the ARN, in the event and in `$context.path`, or the refusal. */
function paths(api: SimulatedApi, path: string, domainName?: string): unknown {
  const arrival = receive(api, requestOf(path, "alice", domainName === undefined ? {} : { domainName }));
  if (!arrival.ok) return arrival.error;
  return [arrival.value.path, arrival.value.eventPath, arrival.value.contextPath];
}

describe("the path of a REST API", () => {
  it.each([
    ["has its stage in the context", "/orders", ["/orders", "/orders", "/prod/orders"]],
    ["can be the root", "/", ["/", "/", "/prod/"]],
    ["is not decoded", "/a%2Fb%20c%3Fd", ["/a%2Fb%20c%3Fd", "/a%2Fb%20c%3Fd", "/prod/a%2Fb%20c%3Fd"]],
    ["can have malformed escapes", "/%zz", ["/%zz", "/%zz", "/prod/%zz"]],
    ["keeps its last slash", "/orders/", ["/orders/", "/orders/", "/prod/orders/"]],
    ["keeps double slashes", "/a//b", ["/a//b", "/a//b", "/prod/a//b"]],
    ["has one slash at its start in the event only", "//orders", ["//orders", "/orders", "/prod//orders"]],
  ])("%s", (_, path, expected) => {
    expect(paths(apiOf("rest"), path)).toEqual(expected);
  });
});

describe("the path of an HTTP API", () => {
  it.each([
    ["has no stage", "/orders", ["/orders", "/orders", "/orders"]],
    ["is decoded, once", "/a%2Fb%20c%252F", ["/a/b c%2F", "/a/b c%2F", "/a/b c%2F"]],
    ["ends at an encoded question mark", "/a%3fb/%C3%A9", ["/a", "/a", "/a"]],
    ["does not end at a doubly encoded one", "/a%253Fb", ["/a%3Fb", "/a%3Fb", "/a%3Fb"]],
    ["keeps slashes at its start", "//orders", ["//orders", "//orders", "//orders"]],
    ["must be decodable", "/%zz", "bad_request"],
    ["must be decodable behind a question mark too", "/a%3F%C3", "bad_request"],
  ])("%s", (_, path, expected) => {
    expect(paths(apiOf("http"), path)).toEqual(expected);
  });

  it("has its stage if that has a name", () => {
    const api = apiOf("http", {}, { stage: "prod" });
    expect(paths(api, "/a%20b")).toEqual(["/a b", "/prod/a b", "/prod/a b"]);
  });
});

describe.each(["rest", "http"] as const)("the path on a custom domain of a %s API", (kind) => {
  const api = apiOf(kind, {}, { stage: "prod", mappings: MAPPINGS });

  it.each([
    ["has no stage", "/orders", ["/orders", "/orders", "/orders"]],
    ["has its base path in the event, not in the ARN", "/shop/orders", ["/orders", "/shop/orders", "/shop/orders"]],
    ["may be the base path alone", "/shop", ["/", "/shop", "/shop"]],
    ["may be the base path and a slash", "/shop/", ["/", "/shop/", "/shop/"]],
    ["uses the longest base path", "/shop/v2/orders", ["/orders", "/shop/v2/orders", "/shop/v2/orders"]],
    ["matches whole segments of a base path", "/shopping", ["/shopping", "/shopping", "/shopping"]],
  ])("%s", (_, path, expected) => {
    expect(paths(api, path, DOMAIN)).toEqual(expected);
  });

  it("is refused without a mapping", () => {
    const mapped = apiOf(kind, {}, { mappings: MAPPINGS.slice(1) });
    expect(paths(mapped, "/orders", DOMAIN)).toBe("no_mapping");
    expect(paths(mapped, "/shop/orders", "other.example.com")).toBe("no_mapping");
    expect(paths(mapped, "/shop/orders", DOMAIN)).toEqual(["/orders", "/shop/orders", "/shop/orders"]);
  });
});

describe.each(["rest", "http"] as const)("a request to a %s API is refused", (kind) => {
  it("without a route", () => {
    expect(paths(apiOf(kind, {}, { routes: [] }), "/orders")).toBe("no_route");
  });

  it.each(["*", "http://api.example.com/orders", ""])("with the path %j", (path) => {
    expect(paths(apiOf(kind), path)).toBe("bad_request");
  });
});
