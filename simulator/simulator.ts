import type { IdentitySource } from "../contract/identity-sources.ts";
import { type Arrival, receive, type WireRequest } from "./arrival.ts";
import { type AuthorizerCache, createAuthorizerCache } from "./authorizer-cache.ts";
import { isPreflight, toCorsHeaders } from "./cors.ts";
import { evaluateSources } from "./evaluate-sources.ts";
import { toArn, toContextVariables, toEvent } from "./events.ts";
import { type GatewayResponseType, toGatewayResponse } from "./gateway-responses.ts";
import type { Invocation } from "./invocation.ts";
import { type Access, judgeInvocation } from "./judge-response.ts";
import { judgeResourcePolicy } from "./resource-policy.ts";
import { findApiErrors, parseSources, type SimulatedApi, type SimulatedAuthorizer } from "./simulated-api.ts";

/** The outcome of a request. */
export interface Outcome {
  /** 200 if the request passes. */
  readonly status: number;
  /** Undefined for a response without a body: of a mock integration, or to a preflight. */
  readonly body: object | undefined;
  /** Headers that API Gateway adds to the response, in place of the integration's. */
  readonly headers: Readonly<Record<string, string>>;
  /** The authorizer's context for the integration, empty without an authorizer; undefined unless the request passes. */
  readonly context: Readonly<Record<string, string>> | undefined;
  /** Undefined if the authorizer has no cache, or the request did not get as far as the cache. */
  readonly cache: "hit" | "miss" | undefined;
  /** The event with which the authorizer was invoked or, on a hit, would have been. */
  readonly event: object | undefined;
  readonly arn: string | undefined;
  /** The time at which the authorizer returned the response that was applied. */
  readonly respondedAtMs: number | undefined;
}

/** One stage of an API, with the caches of its authorizers. */
export interface Simulator {
  /** @param nowMs - The time at which the request arrives and is answered. */
  readonly send: (request: WireRequest, nowMs: number) => Promise<Outcome>;
  /** Empties all caches of the stage, as `FlushStageAuthorizersCache` and `ResetAuthorizersCache` do. */
  readonly flush: () => void;
  /** The number of times that an authorizer was invoked. */
  readonly calls: number;
}

/** The caches of a stage, by the names of its authorizers. */
export type StageCaches = Map<string, AuthorizerCache>;

/** Invokes the Lambda of an authorizer by an alias; undefined if the authorizer's URI names none. */
type Invoke = (event: object, alias: string | undefined, authorizer: string) => Promise<Invocation>;

interface Authorizer {
  readonly name: string;
  readonly settings: SimulatedAuthorizer;
  readonly sources: readonly IdentitySource[];
  /** Undefined if the TTL is 0. */
  readonly cache: AuthorizerCache | undefined;
}

/**
 * Creates a simulation of API Gateway, from the request to the context for the integration.
 *
 * An authorizer's whole response is cached under the values of the identity sources. The policy document in a cached
 * response is evaluated for each later request. Errors and responses that are not valid are not cached; AWS does not
 * document either.
 *
 * @param invoke - Invokes the Lambda, which is the same for all authorizers of the API, or one of its aliases.
 * @param caches - The caches of the stage's earlier deployments, which it goes on using: AWS documents that only a flush
 *   empties them. Default: empty caches.
 * @throws If API Gateway would not create the API.
 */
export function createSimulator(api: SimulatedApi, invoke: Invoke, caches: StageCaches = new Map()): Simulator {
  const errors = findApiErrors(api);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  const authorizers = new Map(
    Object.entries(api.authorizers).map(([name, settings]) => [name, createAuthorizer(name, settings, caches)]),
  );
  let calls = 0;
  let requests = 0;

  /** Finds the effect of the resource policy; undefined for an API without one, unless it is private. */
  function toAccess(arrival: Arrival): Access | undefined {
    const { resourcePolicy, callers = "own", isPrivate = false } = api;
    if (resourcePolicy === undefined) return isPrivate ? { callers, effect: "explicit_deny" } : undefined;
    const { sourceIp, vpcEndpoint } = arrival.request;
    return {
      callers,
      effect: judgeResourcePolicy(resourcePolicy, { arn: toArn(api, arrival), sourceIp, vpcEndpoint }),
    };
  }

  async function authorize(
    authorizer: Authorizer,
    arrival: Arrival,
    access: Access | undefined,
    nowMs: number,
  ): Promise<Outcome> {
    const { name, settings, sources, cache } = authorizer;
    const { headers, id: requestId = `request-${requests}` } = arrival.request;
    const identity = evaluateSources(sources, {
      headers,
      query: arrival.query,
      context: toContextVariables(api, arrival),
    });
    if (identity === undefined) return respond("unauthorized");
    const arn = toArn(api, arrival);
    const event = toEvent(settings.kind, { arrival, stage: api.stage, arn, identity, requestId, nowMs });
    const lookup = cache?.find(JSON.stringify(identity), nowMs, settings.ttlS);
    const isHit = lookup?.isHit === true;
    calls += isHit ? 0 : 1;
    const invocation: Invocation = isHit ? lookup.cached : await invoke(event, settings.alias, name);
    const verdict = judgeInvocation(settings, invocation, arn, access);
    const isCacheable = "response" in invocation && (verdict.passes || verdict.type !== "fault");
    if (isCacheable && lookup?.isHit === false) lookup.store(invocation.response);
    const authorized: Partial<Outcome> = {
      cache: lookup && (isHit ? "hit" : "miss"),
      event,
      arn,
      respondedAtMs: isHit ? lookup.cached.respondedAtMs : nowMs,
    };
    return verdict.passes
      ? { ...NOT_INVOKED, ...authorized, context: verdict.context }
      : respond(verdict.type, authorized);
  }

  function respond(type: GatewayResponseType, authorized: Partial<Outcome> = {}): Outcome {
    return { ...NOT_INVOKED, ...authorized, ...toGatewayResponse(api.kind, type) };
  }

  /** Passes a request on, or answers it, on a route without an authorizer. */
  function pass({ route: { mock } }: Arrival): Outcome {
    if (mock === undefined) return { ...NOT_INVOKED, context: {} };
    return { ...NOT_INVOKED, status: mock.status, body: undefined, headers: mock.headers };
  }

  async function dispatch(request: WireRequest, nowMs: number): Promise<Outcome> {
    const arrival = receive(api, request);
    if (!arrival.ok) return respond(arrival.error);
    const access = toAccess(arrival.value);
    // A denial of the resource policy comes before the authorizer, and without one only its Allow lets a request pass.
    if (access?.effect === "explicit_deny") return respond("explicit_deny");
    const { authorizer: name } = arrival.value.route;
    if (name === null) return access?.effect === "implicit_deny" ? respond("implicit_deny") : pass(arrival.value);
    const authorizer = authorizers.get(name);
    return authorizer === undefined ? respond("fault") : authorize(authorizer, arrival.value, access, nowMs);
  }

  return {
    async send(request, nowMs) {
      requests += 1;
      if (api.cors === undefined) return dispatch(request, nowMs);
      const headers = toCorsHeaders(api.cors, request);
      // AWS documents one exception: with an authorizer on `$default`, that route takes preflights, too.
      if (isPreflight(request)) return { ...NOT_INVOKED, status: 204, body: undefined, headers };
      const outcome = await dispatch(request, nowMs);
      // The headers are added to responses of integrations only.
      return outcome.context === undefined ? outcome : { ...outcome, headers };
    },
    flush() {
      for (const cache of caches.values()) cache.flush();
    },
    get calls() {
      return calls;
    },
  };
}

const NOT_INVOKED: Outcome = {
  status: 200,
  body: {},
  headers: {},
  context: undefined,
  cache: undefined,
  event: undefined,
  arn: undefined,
  respondedAtMs: undefined,
};

function createAuthorizer(name: string, settings: SimulatedAuthorizer, caches: StageCaches): Authorizer {
  const isCaching = settings.ttlS > 0;
  const cache = caches.get(name) ?? createAuthorizerCache();
  if (isCaching) caches.set(name, cache);
  return { name, settings, sources: parseSources(settings), cache: isCaching ? cache : undefined };
}
