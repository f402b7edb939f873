import { describe, expect, it } from "vitest";
import { receive } from "../../../simulator/arrival.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";
import { apiOf, requestOf } from "./simulated.ts";

const DOMAIN = "api.example.com";
const MAPPINGS = ["", "shop", "shop/v2"].map((basePath) => ({ domainName: DOMAIN, basePath }));

/** What of the path is where: in the ARN, in the event, in `$context.path`; or why it gets nowhere. */
function paths(api: SimulatedApi, path: string, domainName?: string): unknown {
  const arrival = receive(api, requestOf(path, "alice", domainName === undefined ? {} : { domainName }));
  if (!arrival.ok) return arrival.error;
  return [arrival.value.path, arrival.value.eventPath, arrival.value.contextPath];
}

describe("on a REST API a path", () => {
  it.each([
    ["is behind its stage in the context", "/orders", ["/orders", "/orders", "/prod/orders"]],
    ["has a root", "/", ["/", "/", "/prod/"]],
    ["stays encoded", "/a%2Fb%20c%3Fd", ["/a%2Fb%20c%3Fd", "/a%2Fb%20c%3Fd", "/prod/a%2Fb%20c%3Fd"]],
    ["may not be decodable", "/%zz", ["/%zz", "/%zz", "/prod/%zz"]],
    ["keeps its last slash", "/orders/", ["/orders/", "/orders/", "/prod/orders/"]],
    ["keeps double slashes", "/a//b", ["/a//b", "/a//b", "/prod/a//b"]],
    ["has one slash at its start in the event only", "//orders", ["//orders", "/orders", "/prod//orders"]],
  ])("%s", (_, path, expected) => {
    expect(paths(apiOf("rest"), path)).toEqual(expected);
  });
});

describe("on an HTTP API a path", () => {
  it.each([
    ["is without its stage", "/orders", ["/orders", "/orders", "/orders"]],
    ["is decoded, once", "/a%2Fb%20c%252F", ["/a/b c%2F", "/a/b c%2F", "/a/b c%2F"]],
    ["ends at an encoded question mark", "/a%3fb/%C3%A9", ["/a", "/a", "/a"]],
    ["does not end at one encoded twice", "/a%253Fb", ["/a%3Fb", "/a%3Fb", "/a%3Fb"]],
    ["keeps slashes at its start", "//orders", ["//orders", "//orders", "//orders"]],
    ["must be decodable", "/%zz", "bad_request"],
    ["must be decodable behind a question mark too", "/a%3F%C3", "bad_request"],
  ])("%s", (_, path, expected) => {
    expect(paths(apiOf("http"), path)).toEqual(expected);
  });

  it("is behind its stage, if that has a name", () => {
    const api = apiOf("http", {}, { stage: "prod" });
    expect(paths(api, "/a%20b")).toEqual(["/a b", "/prod/a b", "/prod/a b"]);
  });
});

describe.each(["rest", "http"] as const)("on a custom domain of a %s API a path", (kind) => {
  const api = apiOf(kind, {}, { stage: "prod", mappings: MAPPINGS });

  it.each([
    ["has no stage", "/orders", ["/orders", "/orders", "/orders"]],
    ["has its base path in the event, not in the ARN", "/shop/orders", ["/orders", "/shop/orders", "/shop/orders"]],
    ["may be the base path alone", "/shop", ["/", "/shop", "/shop"]],
    ["may be the base path and a slash", "/shop/", ["/", "/shop/", "/shop/"]],
    ["goes by the longest base path", "/shop/v2/orders", ["/orders", "/shop/v2/orders", "/shop/v2/orders"]],
    ["goes by whole segments", "/shopping", ["/shopping", "/shopping", "/shopping"]],
  ])("%s", (_, path, expected) => {
    expect(paths(api, path, DOMAIN)).toEqual(expected);
  });

  it("gets nowhere without a mapping", () => {
    const mapped = apiOf(kind, {}, { mappings: MAPPINGS.slice(1) });
    expect(paths(mapped, "/orders", DOMAIN)).toBe("no_mapping");
    expect(paths(mapped, "/shop/orders", "other.example.com")).toBe("no_mapping");
    expect(paths(mapped, "/shop/orders", DOMAIN)).toEqual(["/orders", "/shop/orders", "/shop/orders"]);
  });
});

describe.each(["rest", "http"] as const)("a request to a %s API gets nowhere", (kind) => {
  it("without a route", () => {
    expect(paths(apiOf(kind, {}, { routes: [] }), "/orders")).toBe("no_route");
  });

  it.each(["*", "http://api.example.com/orders", ""])("with %j for a path", (path) => {
    expect(paths(apiOf(kind), path)).toBe("bad_request");
  });
});
