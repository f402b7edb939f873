import type { IdentitySource } from "../contract/identity-sources.ts";
import { type Arrival, receive, type WireRequest } from "./arrival.ts";
import { type AuthorizerCache, createAuthorizerCache } from "./authorizer-cache.ts";
import { evaluateSources } from "./evaluate-sources.ts";
import { toArn, toContextVariables, toEvent } from "./events.ts";
import { type GatewayResponseType, toGatewayResponse } from "./gateway-responses.ts";
import type { Invocation } from "./invocation.ts";
import { judgeInvocation } from "./judge-answer.ts";
import { findApiErrors, parseSources, type SimulatedApi, type SimulatedAuthorizer } from "./simulated-api.ts";

/** What became of a request. */
export interface Outcome {
  /** 200 if it passes. */
  readonly status: number;
  readonly body: object;
  /** What the integration is given; only if it passes. */
  readonly context: Readonly<Record<string, string>> | undefined;
  /** Nothing if the authorizer has no cache, or was not involved. */
  readonly cache: "hit" | "miss" | undefined;
  /** The authorizer's event, if it was or, on a hit, would have been asked. */
  readonly event: object | undefined;
  readonly arn: string | undefined;
  /** When the answer that was obeyed was made. */
  readonly answeredAtMs: number | undefined;
}

/** One stage of an API, with what its authorizers have answered. */
export interface Simulator {
  /** @param nowMs - The time at which the request arrives and is answered. */
  readonly send: (request: WireRequest, nowMs: number) => Promise<Outcome>;
  /** Empties all caches of the stage, as `FlushStageAuthorizersCache` and `ResetAuthorizersCache` do. */
  readonly flush: () => void;
  /** How often an authorizer was asked. */
  readonly calls: number;
}

interface Authorizer {
  readonly settings: SimulatedAuthorizer;
  readonly sources: readonly IdentitySource[];
  /** None if its TTL is 0. */
  readonly cache: AuthorizerCache | undefined;
}

/**
 * API Gateway from a request to what its integration is given, with the cache of authorizers as it is: an answer is kept
 * whole under the values of the identity sources, and each later request is judged by the policy document in it.
 *
 * What throws is not kept, nor is an answer without meaning; AWS documents neither.
 *
 * @param invoke - Asks an authorizer; all of them are one function, which can tell them apart by their events.
 * @throws For an API that API Gateway would not create.
 */
export function createSimulator(api: SimulatedApi, invoke: (event: object) => Promise<Invocation>): Simulator {
  const errors = findApiErrors(api);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  const authorizers = new Map(
    Object.entries(api.authorizers).map(([name, settings]) => [name, createAuthorizer(settings)]),
  );
  let calls = 0;
  let requests = 0;

  async function authorize(authorizer: Authorizer, arrival: Arrival, nowMs: number): Promise<Outcome> {
    const { settings, sources, cache } = authorizer;
    const { headers, id: requestId = `request-${requests}` } = arrival.request;
    const identity = evaluateSources(sources, {
      headers,
      query: arrival.query,
      context: toContextVariables(api, arrival),
    });
    if (identity === undefined) return refuse("unauthorized");
    const arn = toArn(api, arrival);
    const event = toEvent(settings.kind, { arrival, stage: api.stage, arn, identity, requestId, nowMs });
    const lookup = cache?.find(JSON.stringify(identity), nowMs);
    const isHit = lookup?.isHit === true;
    calls += isHit ? 0 : 1;
    const invocation: Invocation = isHit ? lookup.kept : await invoke(event);
    const verdict = judgeInvocation(settings, invocation, arn);
    const isMeaningful = "answer" in invocation && (verdict.passes || verdict.refusal !== "fault");
    if (isMeaningful && lookup?.isHit === false) lookup.keep(invocation.answer);
    const asked: Partial<Outcome> = {
      cache: lookup && (isHit ? "hit" : "miss"),
      event,
      arn,
      answeredAtMs: isHit ? lookup.kept.answeredAtMs : nowMs,
    };
    return verdict.passes ? { ...NOT_INVOKED, ...asked, context: verdict.context } : refuse(verdict.refusal, asked);
  }

  function refuse(refusal: GatewayResponseType, asked: Partial<Outcome> = {}): Outcome {
    return { ...NOT_INVOKED, ...asked, ...toGatewayResponse(api.kind, refusal) };
  }

  return {
    async send(request, nowMs) {
      requests += 1;
      const arrival = receive(api, request);
      if (!arrival.ok) return refuse(arrival.error);
      const authorizer = authorizers.get(arrival.value.route.authorizer);
      return authorizer === undefined ? refuse("fault") : authorize(authorizer, arrival.value, nowMs);
    },
    flush() {
      for (const { cache } of authorizers.values()) cache?.flush();
    },
    get calls() {
      return calls;
    },
  };
}

const NOT_INVOKED: Outcome = {
  status: 200,
  body: {},
  context: undefined,
  cache: undefined,
  event: undefined,
  arn: undefined,
  answeredAtMs: undefined,
};

function createAuthorizer(settings: SimulatedAuthorizer): Authorizer {
  return {
    settings,
    sources: parseSources(settings),
    cache: settings.ttlS > 0 ? createAuthorizerCache(settings.ttlS) : undefined,
  };
}
