import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { type Lambda, startLambda } from "../../local/lambda.ts";
import { createToLoggedRequest } from "../../replay/logged-request.ts";
import type { Replayed } from "../../replay/replay-line.ts";
import { createReplay, readReplayedPolicy } from "../../replay/replay-log.ts";
import { unwrapLine } from "../../replay/unwrap.ts";
import { createSimulator } from "../../simulator/simulator.ts";
import { formatLine } from "../support/access-log.ts";
import { TEST_POLICIES } from "../support/policies.ts";
import { apiOf, requestOf } from "../support/simulated.ts";
import { AS_ID_TOKEN, AS_MACHINE, CLIENT_ID, createTestIssuer, USER_POOL_ID } from "../support/tokens.ts";

// The law: a replay of the line that API Gateway would write for a request decides as the handler does for the request itself.

const issuer = createTestIssuer();
const TRUSTED = JSON.stringify([{ userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" }]);
let workspace: Workspace;
let lambda: Lambda;

beforeAll(async () => {
  workspace = await createWorkspace({
    ...TEST_POLICIES,
    "access/teams.rego": `package access.teams

grants["team"] := {"roles": {"lead"}, "verbs": {"GET"}, "path": "/teams/{id}", "where": {"id": "custom:team"}}

denials["visitors"] := {"roles": {"visitor"}, "verbs": {"ANY"}, "path": "/teams/{id}"}
`,
    "access/roles.rego": `${TEST_POLICIES["access/roles.rego"]}
lead := {"claims": {"custom:position": {"Lead"}}}

visitor := {"groups": {"Visitors"}}
`,
  });
  await builtIn(workspace.root);
  const authorizer = join(workspace.root, "dist", "authorizer");
  await writeFile(join(authorizer, "key-sets.json"), JSON.stringify({ [issuer.issuer]: issuer.jwks }));
  lambda = await startLambda({
    handler: join(authorizer, "index.mjs"),
    environment: { TRUSTED_ISSUERS: TRUSTED },
    timeoutMs: 60_000,
    onDecision: () => {},
  });
});

afterAll(async () => {
  await lambda.close();
  await workspace[Symbol.asyncDispose]();
});

const PATHS = [
  ...["/customers/7/orders", "/refunds", "/tenants/blue/x", "/self/u1", "/self/u2", "/files/a/b", "/files/archive/x"],
  ...["/teams/1", "/teams/2", "/nothing", "/files/a%20b", "/files/a//b", "/"],
];

const claims = fc.record(
  {
    sub: fc.constantFrom("u1", "u2"),
    "cognito:groups": fc.subarray(["Customers", "Visitors", "Others"]),
    "custom:position": fc.constantFrom("Lead", "[Ops, Lead]", "Leader"),
    "custom:team": fc.constantFrom("1", "2"),
    scope: fc.constantFrom("orders/read", "openid orders/read", "openid"),
    age: fc.constantFrom(0, 100, 5000),
  },
  { requiredKeys: ["sub", "age"] },
);

/** A request that a denial for a group refuses, with a log that does not show groups. */
const DENIED = {
  lacks: "cognito:groups",
  kind: "rest",
  as: "id",
  claims: { sub: "u1", age: 0, "custom:position": "Lead", "custom:team": "1" },
  method: "GET",
  path: "/teams/1",
  sourceIp: "203.0.113.7",
} as const;

const asked = fc.record({
  // Claims that the log's format lacks.
  lacks: fc.constantFrom("cognito:groups", "custom:team", "token_use", "auth_time", "sub", "none", "none"),
  kind: fc.constantFrom<CachingApi>("rest", "http"),
  as: fc.constantFrom("id", "access", "machine"),
  claims,
  method: fc.constantFrom("GET", "GET", "POST", "DELETE"),
  path: fc.constantFrom(...PATHS),
  sourceIp: fc.constantFrom("203.0.113.7", "198.51.100.1"),
});

it("decides as the handler does, on REST and HTTP APIs, or says what the log does not tell", async () => {
  const policy = readReplayedPolicy(join(workspace.root, "dist"), TRUSTED);
  if (!policy.ok) throw new Error(policy.error.join("\n"));
  const replay = createReplay(policy.value);
  if (!replay.ok) throw new Error(replay.error.join("\n"));
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(asked, async ({ kind, as, lacks, claims: { age, ...given }, method, path, sourceIp }) => {
      const nowS = Math.floor(Date.now() / 1000);
      const token = {
        ...issuer.usualClaims(),
        ...given,
        auth_time: nowS - age,
        ...(as === "id" ? AS_ID_TOKEN : as === "machine" ? AS_MACHINE : {}),
      };
      const api = apiOf(kind, { ttlS: 0 });
      const simulator = createSimulator(api, async (event) => lambda.invoke(event));
      const request = requestOf(path, `Bearer ${await issuer.sign(token)}`, { method, sourceIp });
      const { status, event } = await simulator.send(request, Date.now());
      if (event === undefined) return;
      const { claims: needed } = policy.value;
      const names = needed.filter((name) => name !== lacks);
      const call = { ...request, timeMs: nowS * 1000, stage: api.stage, status: 200, claims: token, names };
      const line = formatLine(kind, call);
      const [entry] = unwrapLine(line);
      const logged = entry?.ok
        ? createToLoggedRequest({ format: undefined, kind: undefined, claims: new Set(needed) })(entry.value)
        : entry;
      const replayed = logged?.ok ? replay.value(logged.value) : logged;
      if (!replayed?.ok) throw new Error(String(replayed?.error));
      const key = toKey(replayed.value, status);
      seen.set(key, (seen.get(key) ?? 0) + 1);
      if (replayed.value.untold.length === 0)
        expect([line, replayed.value.effect]).toEqual([line, status === 200 ? "allow" : "deny"]);
      else if (lacks === "none") expect(path).toMatch(/^\/tenants\//);
    }),
    {
      numRuns: 250,
      seed: 14,
      examples: [[{ ...DENIED, claims: { ...DENIED.claims, "cognito:groups": ["Visitors"] } }]],
    },
  );
  // Both effects, and what only a header decides, are among the requests.
  expect([...seen.keys()].sort()).toEqual([
    ...["allow 200", "allow 200 not told", "allow 403 not told"],
    ...["deny 200 not told", "deny 403", "deny 403 not told"],
  ]);
});

function toKey({ effect, untold }: Replayed, status: number): string {
  return `${effect} ${status}${untold.length === 0 ? "" : " not told"}`;
}
