import type { Invocation } from "../../simulator/invocation.ts";
import { judgeInvocation } from "../../simulator/judge-response.ts";
import type { SimulatedApi } from "../../simulator/simulated-api.ts";
import { createSimulator, type Outcome } from "../../simulator/simulator.ts";
import { CACHE_CONDITIONS, type CacheCase, LATE_BY_S, type Sent } from "./cache-arbitraries.ts";
import type { Setup, World } from "./cache-world.ts";
import { decide, type Input } from "./oracle.ts";

/** A client that sends requests. */
export interface Sender {
  readonly token: string;
  /** Undefined for an invalid token. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** A response that differs from the one without a cache. */
export interface Violation {
  readonly sent: Sent;
  readonly got: object;
  readonly wanted: object;
}

/** The outcomes of a sequence. */
export interface Replay {
  readonly violations: readonly Violation[];
  readonly outcomes: readonly Outcome[];
  readonly calls: number;
}

/** The time at which sequences start and tokens are issued. */
export const START_MS = 1_700_000_000_000;

/** Runs a function with the clock at a time. */
async function at<Value>(nowMs: number, run: () => Promise<Value>): Promise<Value> {
  const real = Date.now;
  Date.now = () => nowMs;
  try {
    return await run();
  } finally {
    Date.now = real;
  }
}

/**
 * Sends requests through the gateway, and compares each outcome with the handler's response to that very request,
 * invoked again at the time at which the cached response was created, and with the oracle.
 *
 * @param changed - A broken API or handler, to test that the comparison notices it.
 */
export async function replay(
  given: CacheCase,
  world: World,
  setup: Setup,
  senders: readonly Sender[],
  sequence: readonly Sent[],
  changed: { readonly api?: SimulatedApi; readonly invoke?: World["invoke"] } = {},
): Promise<Replay> {
  let nowMs = START_MS;
  const invoke = changed.invoke ?? world.invoke;
  const simulator = createSimulator(changed.api ?? world.api, (event) => at(nowMs, () => invoke(event)));
  const violations: Violation[] = [];
  const outcomes: Outcome[] = [];
  for (const sent of sequence) {
    nowMs += sent.afterS * 1000;
    const sender = sent.sender === undefined ? undefined : senders[sent.sender];
    const headers = [
      ...sent.headers,
      ...(sender === undefined ? [] : [["Authorization", `Bearer ${sender.token}`] as const]),
    ];
    const outcome = await simulator.send({ ...sent.request, headers }, nowMs);
    outcomes.push(outcome);
    const { event, arn = "", respondedAtMs = nowMs } = outcome;
    // The gateway needed no authorizer: no route, no token, or no header that is in the key.
    if (event === undefined) continue;
    const anew = await at(respondedAtMs, () => world.invoke(event));
    const got = { status: outcome.status, context: outcome.context };
    const wanted = toAnswer(setup, anew, arn);
    const statusAt = (instantMs: number) =>
      sender?.claims === undefined ? undefined : statusOf(given, world, setup, sender.claims, sent, arn, instantMs);
    const isAs = (status: ReturnType<typeof statusAt>) =>
      status === undefined || status === outcome.status || (status === "at most" && outcome.status !== 401);
    const status = statusAt(respondedAtMs);
    const isAsOracle = isAs(status);
    // A response may lag behind the time, by no more than the policy says.
    const isLate = nowMs - respondedAtMs >= LATE_BY_S * 1000 && !isAs(statusAt(nowMs));
    if (JSON.stringify(got) !== JSON.stringify(wanted)) violations.push({ sent, got, wanted });
    else if (!isAsOracle) violations.push({ sent, got, wanted: { oracle: status } });
    else if (isLate) violations.push({ sent, got, wanted: { now: statusAt(nowMs) } });
  }
  return { violations, outcomes, calls: simulator.calls };
}

function toAnswer(setup: Setup, invocation: Invocation, arn: string): object {
  const verdict = judgeInvocation(setup, invocation, arn);
  if (verdict.passes) return { status: 200, context: verdict.context };
  const status = { unauthorized: 401, fault: 500 }[verdict.type as string] ?? 403;
  return { status, context: undefined };
}

/**
 * Finds the oracle's status for a request that reached a route; undefined where the oracle decides nothing, and `at
 * most` where it would allow and per-token policy documents may be unable to express it.
 */
function statusOf(
  { policy }: CacheCase,
  { contract }: World,
  { kind, cacheScope, trailingSlash }: Setup,
  claims: Readonly<Record<string, unknown>>,
  { request, headers }: Sent,
  arn: string,
  nowMs: number,
): 200 | 403 | "at most" | undefined {
  if (kind === "rest-token" && cacheScope === "request") return undefined;
  const isHttp = kind.startsWith("http");
  const [, , method = "", ...rest] = arn.split("/");
  const asked = `/${rest.join("/")}`;
  const path = canonical(
    trailingSlash === "same" && /[^/]\/$/.test(asked) ? asked.slice(0, -1) : asked,
    isHttp ? "decoded" : cacheScope === "token" && isAnsweredByToken(contract, arn) ? "plain" : "encoded",
  );
  if (isHttp && /%2f/i.test(request.path)) return undefined;
  // An event of payload 1.0 need not have its domain name, and without it nothing separates a base path from the path.
  if (kind === "http-1" && request.domainName !== undefined) return undefined;
  if (path === undefined) return 403;
  const tenants = headers.filter(([name]) => name.toLowerCase() === "x-tenant").map(([, value]) => value);
  const devices = headers.filter(([name]) => name.toLowerCase() === "x-device").map(([, value]) => value);
  const pages = new URLSearchParams(request.query).getAll("page");
  // A header or parameter that is repeated counts as missing.
  const single = (values: readonly string[]) => (values.length > 1 ? [] : values);
  const input: Input = {
    principal: { kind: "user", claims },
    request: {
      method,
      path,
      source_ip: request.sourceIp,
      headers: {
        "x-tenant": single(tenants),
        "x-device": single(devices),
      },
      query: { page: single(pages).filter((page) => page !== "") },
    },
    now_s: Math.floor(nowMs / 1000),
  };
  const allowed = decide(policy, CACHE_CONDITIONS, input).effect === "allow";
  if (!allowed) return 403;
  return cacheScope === "token" && /[^\w.@:$-]/.test(String(claims["sub"])) ? "at most" : 200;
}

/** Tells whether a route of the class token matches this ARN; in most cases all routes of one path have one class. */
function isAnsweredByToken(contract: World["contract"], arn: string): boolean {
  const [, , method = "", ...rest] = arn.split("/");
  const path = `/${rest.join("/")}`;
  const matching = contract.routes.filter((route) => {
    const source = route.path.replaceAll(/\{[^}]*\+\}/g, ".+").replaceAll(/\{[^}]*\}/g, "[^/]+");
    return (
      (route.verb === "ANY" || route.verb === method) && new RegExp(`^/*${source}/*$`.replace("^/*/", "^/+")).test(path)
    );
  });
  return matching.some((route) => route.class === "token");
}

function canonical(text: string, form: "encoded" | "decoded" | "plain"): string | undefined {
  const path = form === "encoded" ? text.replaceAll("%20", " ").replaceAll("%c3%a9", "\u00e9") : text;
  if (path === "/") return path;
  const isCanonical = /^(\/(?!\.{1,2}(?:\/|$))[^/%;#\\*?]+)+$/.test(path) && !path.includes("${");
  return isCanonical ? path : undefined;
}
