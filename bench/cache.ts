import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { toCacheContract } from "../analysis/cache/contract.ts";
import { toCacheContractVariable, toSettings } from "../analysis/cache/settings.ts";
import { findOpa } from "../build/opa/find.ts";
import type { Built } from "../build/package/build.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import { parseLogEntry } from "../contract/decision-log.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import { builtIn, createWorkspace } from "../dev/workspace.ts";
import { captureOutput } from "../local/captured-output.ts";
import { readRoutes } from "../openapi/read-routes.ts";
import type { WireRequest } from "../simulator/arrival.ts";
import type { Invocation } from "../simulator/invocation.ts";
import type { SimulatedApi } from "../simulator/simulated-api.ts";
import { createSimulator } from "../simulator/simulator.ts";
import { type CacheBench, toCacheBench } from "./cache-policies.ts";
import { median } from "./statistics.ts";

// `npm run bench:cache`: one hour of virtual time at an API gateway, with and without its cache, and the time that it
// takes to make and prove a per-token policy document.

const POOL = "eu-west-1_Bench0000";
const CLIENT = "benchclient";
const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL}`;
const USERS = 1_000;
const REQUESTS = 100_000;
const HOUR_MS = 3_600_000;
const TTL_S = 300;
const TOKEN_KEY = ["method.request.header.Authorization"];

const opaPath = await findOpa();
if (!opaPath.ok) {
  console.error(opaPath.error);
  process.exit(1);
}
const opa = opaPath.value;
const random = createRandom(1);
const { publicKey, privateKey } = await generateKeyPair("RS256");
const jwk = { ...(await exportJWK(publicKey)), kid: "bench", alg: "RS256", use: "sig" };
/** The decision log, as the handler prints it. */
const logged: LogEntry[] = [];
captureOutput((text) => {
  const entry = parseLogEntry(text);
  if (entry.ok) logged.push(entry.value);
});

interface Sender {
  readonly token: string;
  readonly customerId: string;
  readonly resources: readonly number[];
}

const bench = toCacheBench(40);
const senders = await Promise.all([...Array(USERS).keys()].map((at) => createSender(at, bench)));
const trace = createTrace(bench, senders);
const perRequest = await start(bench, "request");
const perToken = await start(bench, "token");

console.log(
  `${USERS} users, ${bench.routes.length} routes, ${REQUESTS} requests in an hour, TTL ${TTL_S} s; users and routes by Zipf's law`,
);
const uncached = await run(toApi(perRequest.built, 0), perRequest.invoke);
print("no cache", uncached);
print("per-request policy documents", await run(toApi(perRequest.built, TTL_S), perRequest.invoke));
print("per-token policy documents", await run(toApi(perToken.built, TTL_S), perToken.invoke));
console.log("as written by hand, under the token alone");
const byHand = toApi(perRequest.built, TTL_S, TOKEN_KEY);
print("  Allow or Deny of methodArn", await run(byHand, perRequest.invoke));
print(
  "  Allow of the whole stage, or Deny",
  await run(byHand, async (event) => toStage(await perRequest.invoke(event))),
);

console.log("\nper-token policy documents");
for (const count of [40, 300]) await measureTokenAnswers(count);

async function createSender(at: number, { teams }: CacheBench): Promise<Sender> {
  const team = at % 3 === 0 ? Math.floor(random() * teams) : undefined;
  const nowS = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({
    sub: `user-${at}`,
    iss: ISSUER,
    aud: CLIENT,
    "cognito:username": `user-${at}`,
    token_use: "id",
    "custom:customer_id": String(at),
    "cognito:groups": ["Customers", ...(team === undefined ? [] : [`Team${team}`])],
    iat: nowS,
    exp: nowS + 7200,
  })
    .setProtectedHeader({ alg: "RS256", kid: "bench" })
    .sign(privateKey);
  const resources = team === undefined ? [] : [0, 1, 2, 3].map((of) => team * 4 + of);
  return { token, customerId: String(at), resources };
}

/** Creates requests, most of which the policy allows its users; one in twenty asks for something else. */
function createTrace(
  { routes }: CacheBench,
  all: readonly Sender[],
): readonly { atMs: number; request: WireRequest }[] {
  const pickUser = createZipf(all.length);
  const pickRoute = createZipf(routes.length);
  const times = Array.from({ length: REQUESTS }, () => random() * HOUR_MS).sort((one, other) => one - other);
  return times.map((atMs) => {
    const sender = all[pickUser()];
    let route = routes[pickRoute()];
    const isOwn = sender?.resources.length === 0 && random() < 0.95;
    while (isOwn && route !== undefined && !(route.method === "GET" && route.template.endsWith("{id}")))
      route = routes[pickRoute()];
    if (sender === undefined || route === undefined) throw new Error("nothing to pick");
    const id =
      sender.resources.includes(route.resource) && random() < 0.5
        ? String(Math.floor(random() * 50))
        : sender.customerId;
    return {
      atMs: Math.floor(atMs),
      request: {
        method: route.method,
        path: route.template.replace("{id}", id),
        query: "",
        headers: [["Authorization", `Bearer ${sender.token}`]],
        sourceIp: "203.0.113.7",
      },
    };
  });
}

async function start(of: CacheBench, answers: "request" | "token") {
  const workspace = await createWorkspace(of.policies);
  const keySets = join(workspace.root, "key-sets.json");
  const openApiFile = join(workspace.root, "openapi.yaml");
  await writeFile(keySets, JSON.stringify({ [ISSUER]: { keys: [jwk] } }));
  await writeFile(openApiFile, of.openApi);
  const built = await builtIn(workspace.root, { keySetsFile: keySets, openApiFile, cacheScope: answers });
  process.env["DECISION_LOG"] = "opa";
  process.env["TRUSTED_ISSUERS"] = JSON.stringify([{ userPoolId: POOL, clientIds: [CLIENT], tokenUse: "id" }]);
  process.env["CACHE_CONTRACT"] = toCacheContractVariable(built.manifest.cache_contract, ["rest"], undefined);
  const { handler } = await import(pathToFileURL(join(workspace.root, "dist/authorizer/index.mjs")).href);
  const invoke = (event: object): Promise<Invocation> =>
    handler(event).then(
      (response: unknown) => ({ response }),
      (error: Error) => ({ error: error.message }),
    );
  return { built: built, invoke, root: workspace.root };
}

function toApi({ manifest }: Built, ttlS: number, key?: readonly string[]): SimulatedApi {
  const contract = manifest.cache_contract;
  const authorizers = toSettings(contract, "rest", ttlS, undefined).map(({ name, identitySources, ttlS: ownTtlS }) => [
    name,
    { kind: "rest-request", response: "iam", identitySources: key ?? identitySources, ttlS: ownTtlS },
  ]);
  return { kind: "rest", stage: "prod", routes: contract.routes, authorizers: Object.fromEntries(authorizers) };
}

/** The statuses of the trace's requests, and the number of times that the authorizer was invoked. */
interface Run {
  readonly statuses: readonly number[];
  readonly calls: number;
}

async function run(api: SimulatedApi, invoke: (event: object) => Promise<Invocation>): Promise<Run> {
  const simulator = createSimulator(api, invoke);
  const statuses: number[] = [];
  for (const { atMs, request } of trace) statuses.push((await simulator.send(request, atMs)).status);
  logged.length = 0;
  return { statuses, calls: simulator.calls };
}

function print(name: string, { statuses, calls }: Run): void {
  const opened = statuses.filter((status, at) => status === 200 && uncached.statuses[at] !== 200).length;
  const closed = statuses.filter((status, at) => status !== 200 && uncached.statuses[at] === 200).length;
  const rate = ((1 - calls / REQUESTS) * 100).toFixed(1);
  const wrong = `${opened + closed} wrong answers${opened + closed > 0 ? ` (${opened} let through, ${closed} refused)` : ""}`;
  console.log(`  ${name.padEnd(40)} ${String(calls).padStart(6)} calls, ${rate.padStart(5)} % hits, ${wrong}`);
}

/**
 * Widens a policy document to the whole stage: the usual remedy for cached documents that do not fit the next route.
 */
function toStage(invocation: Invocation): Invocation {
  const text = JSON.stringify(invocation);
  return text.includes('"Effect":"Allow"')
    ? JSON.parse(text.replace(/("Resource":"[^"]*\/prod\/)[^"]*"/, '$1*"'))
    : invocation;
}

async function measureTokenAnswers(count: number): Promise<void> {
  const of = toCacheBench(count);
  const { root, invoke, built } = await start(of, "token");
  const policy = await readPolicy(opa, join(root, "policies"));
  const routes = await readRoutes(join(root, "openapi.yaml"));
  if (!policy.ok || !routes.ok) throw new Error("does not build");
  const prove = () => {
    const startMs = performance.now();
    toCacheContract(policy.value.index, policy.value.keyDependencies, routes.value, "token");
    return performance.now() - startMs;
  };
  const proofs = Array.from({ length: 11 }, prove);
  const member = (await Promise.all([...Array(30).keys()].map((at) => createSender(at, of)))).filter(
    ({ resources }) => resources.length > 0,
  );
  logged.length = 0;
  const answers: number[] = [];
  for (const { token } of Array.from({ length: 20 }, () => member).flat()) {
    const invocation = await invoke(toEvent(token));
    if (!("response" in invocation)) throw new Error(invocation.error);
    answers.push(JSON.stringify(invocation.response).length);
  }
  const evaluations = logged.map(({ metrics }) => metrics.timer_rego_query_eval_ns ?? 0);
  const wholes = logged.map(({ metrics }) => metrics.timer_server_handler_ns);
  const grants = Object.keys(built.manifest.cache_contract.token_documents?.grants ?? {}).length;
  console.log(
    `  ${count} routes, ${grants} grants: proof of all that documents are made of ${median(proofs).toFixed(1)} ms; ` +
      `a document ${(median(wholes) / 1e6).toFixed(2)} ms (entitlements ${(median(evaluations) / 1e6).toFixed(2)} ms), ${median(answers)} bytes, at most ${Math.max(...answers)}`,
  );
}

function toEvent(token: string): object {
  const arn = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/r0";
  return {
    type: "REQUEST",
    methodArn: arn,
    resource: "/r0",
    path: "/r0",
    httpMethod: "GET",
    headers: { Authorization: `Bearer ${token}` },
    requestContext: { resourcePath: "/r0", httpMethod: "GET", stage: "prod", apiId: "abcdef1234" },
  };
}

/** Creates a generator that picks the first of n twice as often as the second, three times as often as the third. */
function createZipf(n: number): () => number {
  const weights = [...Array(n).keys()].map((at) => 1 / (at + 1));
  const sums: number[] = [];
  for (const weight of weights) sums.push((sums.at(-1) ?? 0) + weight);
  return () => {
    const point = random() * (sums.at(-1) ?? 0);
    return sums.findIndex((sum) => sum >= point);
  };
}

/** Creates a generator that gives the same numbers in each run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
