import fc from "fast-check";
import { expect, it } from "vitest";
import { parseMethodArn } from "../../authorizer/gateway/method-arn.ts";
import { toResource } from "../../authorizer/gateway/resource.ts";
import { matchArn } from "../../simulator/arn-pattern.ts";
import { type Arrival, receive } from "../../simulator/arrival.ts";
import { toArn } from "../../simulator/events.ts";
import type { SimulatedApi } from "../../simulator/simulated-api.ts";
import { apiOf, requestOf } from "../support/simulated.ts";

/** Domains whose base paths, and a stage whose name, are segments of paths too. */
const MAPPINGS = [
  { domainName: "root.example.com", basePath: "" },
  { domainName: "a.example.com", basePath: "a" },
  { domainName: "b.example.com", basePath: "b" },
  { domainName: "both.example.com", basePath: "a" },
  { domainName: "both.example.com", basePath: "a/a" },
];
const DOMAINS = [undefined, ...MAPPINGS.map(({ domainName }) => domainName)];

/** Long paths, some of which begin like their own endings. */
const path = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "a/a"), { maxLength: 4 }),
    fc.oneof(
      fc.array(fc.constantFrom("a", "b"), { minLength: 150, maxLength: 320 }),
      fc.constantFrom("a", "b").map((segment) => Array.from({ length: 300 }, () => segment)),
      fc.constantFrom("x".repeat(600), "\u6f22".repeat(100), "x\u{1f600}".repeat(180)).map((segment) => [segment]),
    ),
    fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
  )
  .map((parts) => `/${parts.flat().join("/")}`);

/** Lists what arrives under one `$context.path`: the same path on each domain, and behind the stage. */
function arrivalsOf(api: SimulatedApi, contextPath: string): readonly Arrival[] {
  const all = DOMAINS.flatMap((domainName) => {
    const own = api.stage === "$default" ? contextPath : contextPath.replace(/^\/a(?=\/)/, "");
    const arrival = receive(
      api,
      requestOf(domainName === undefined ? own : contextPath, "t", { ...(domainName && { domainName }) }),
    );
    return arrival.ok ? [arrival.value] : [];
  });
  return all.filter((arrival) => arrival.contextPath === all[0]?.contextPath);
}

it.each(["rest", "http"] as const)(
  "a pattern in place of a long ARN of a %s API matches no other request with the same method and $context.path",
  (kind) => {
    const api = apiOf(kind, {}, { stage: kind === "rest" ? "a" : "$default", mappings: MAPPINGS });
    const counts = { patterns: 0, none: 0, others: 0, avoided: 0 };
    const law = fc.property(path, (wanted) => {
      const arrivals = arrivalsOf(api, encodeURI(wanted));
      const arns = arrivals.map((arrival) => toArn(api, arrival));
      for (const [at, { eventPath, contextPath }] of arrivals.entries()) {
        const arn = arns[at] ?? "";
        const parsed = parseMethodArn(arn);
        if (!parsed.ok || arn.length <= 512) continue;
        const resource = toResource(parsed.value, [eventPath, contextPath], true);
        const others = arns.filter((other) => other !== arn);
        counts.others += others.length;
        if (resource === undefined) counts.none += 1;
        else {
          counts.patterns += 1;
          expect(resource.length).toBeLessThanOrEqual(512);
          expect(resource.isWellFormed()).toBe(true);
          expect(matchArn(resource, arn, true)).toBe("match");
          expect(others.filter((other) => matchArn(resource, other, true) !== "mismatch")).toEqual([]);
        }
        // The beginning alone would let others through, so the law can fail.
        const isWrong = others.some((other) => matchArn(`${arn.slice(0, 511)}*`, other, true) === "match");
        if (isWrong) counts.avoided += 1;
        if (isWrong) expect(resource).toBeUndefined();
      }
    });
    fc.assert(law, { numRuns: 300, seed: 13 });
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(20);
  },
);
