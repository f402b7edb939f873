import { Duration, Stack } from "aws-cdk-lib";
import { expect, it } from "vitest";
import type { CacheContract } from "../../contract/manifest.ts";
import { resolveCaching } from "../../infra/constructs/caching.ts";
import { errorOf } from "../support/infra.ts";

const KEYS = { rest: ["token", "method", "path"], http: ["token", "route", "method", "path"], because: {} };

const CONTRACT: CacheContract = {
  id: "sha256:0",
  key_dependencies: [],
  required: [],
  max_ttl_s: 45,
  routes: [],
  authorizers: {
    "request-45s": { class: "request", ...KEYS, max_ttl_s: 45 },
    token: { class: "token", ...KEYS },
  },
};

const ttlsWith = (...[props]: [Parameters<typeof resolveCaching>[3]]) =>
  [...resolveCaching(new Stack(), CONTRACT, "rest", props).values()].map(({ name, ttlS }) => [name, ttlS]);

it("an authorizer whose routes depend on the time caches for as long as they allow, and others for the TTL", () => {
  expect(ttlsWith({})).toEqual([
    ["request-45s", 45],
    ["token", 60],
  ]);
  expect(ttlsWith({ ttl: Duration.seconds(300), ttlByAuthorizer: { "request-45s": Duration.seconds(20) } })).toEqual([
    ["request-45s", 20],
    ["token", 300],
  ]);
});

it("a longer TTL for that authorizer by name fails synthesis", () => {
  expect(errorOf(() => ttlsWith({ ttlByAuthorizer: { "request-45s": Duration.seconds(46) } }))).toMatch(
    /the authorizer request-45s must not cache for more than 45 seconds/,
  );
});
