import { type Api, traitsOf } from "../contract/api-kinds.ts";
import { parseDecision } from "../contract/decision.ts";
import { type Entitlements, parseEntitlements } from "../contract/entitlements.ts";
import type { TokenDocumentRules } from "../contract/log-entry.ts";
import type { TokenDocumentParts, TrailingSlash, UserTokenUse } from "../contract/manifest.ts";
import type { Code } from "../contract/reason-codes.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { findToken } from "./gateway/bearer-token.ts";
import { coversCacheKey } from "./gateway/cache-key.ts";
import type { GatewayEvent } from "./gateway/event.ts";
import { toRequest } from "./gateway/request.ts";
import type { ExplainRefusal } from "./identity/explain-refusal.ts";
import type { RemainingMs } from "./identity/key-sets.ts";
import type { Principal } from "./identity/principal.ts";
import type { Verify } from "./identity/verify.ts";
import { type Documented, type Outcome, type Stopped, stop } from "./outcome.ts";
import type { Evaluate } from "./policy/evaluator.ts";
import type { ToInput } from "./policy/input.ts";
import { createHasTokenDocument, toTokenResources } from "./policy/token-resources.ts";

/** The effects that a decision needs. */
export interface AuthorizeEffects {
  readonly verify: Verify;
  readonly evaluate: Evaluate;
  readonly toInput: ToInput;
  readonly explainRefusal: ExplainRefusal;
  readonly nowMs: () => number;
  /** A monotonic clock, in nanoseconds from any start. */
  readonly nowNs: () => number;
}

/** The settings that are the same for every request. */
export interface AuthorizeSettings {
  readonly tokenSources: readonly TokenSource[];
  /** Whether an HTTP API caches responses, so that the cache keys of its authorizers must be complete. */
  readonly cachesHttpResponses: boolean;
  /**
   * The APIs of which the deployment says that no response is cached. Only there a token is accepted that is bound to a client
   * certificate: a cached Allow would serve whoever stole the token.
   */
  readonly uncachedApis: readonly Api[];
  /** Set if requests on routes of class `token` get per-token policy documents. */
  readonly tokenDocuments: TokenDocumentParts | undefined;
  /** The only kind of Cognito token that the policy accepts of users; undefined if it accepts both. */
  readonly userTokenUse: UserTokenUse | undefined;
  /** The meaning of a slash at the end of a path. */
  readonly trailingSlash: TrailingSlash;
  /** The name of the API in the alias that was invoked; undefined if the invocation names none. */
  readonly apiName: string | undefined;
}

/** Decides on one event. Rejects only with unexpected exceptions. */
export type Authorize = (event: GatewayEvent, remainingMs?: RemainingMs) => Promise<Outcome>;

/** The principal of a verified token, and how long the verification took. */
interface Identified {
  readonly principal: Principal;
  readonly verifyNs: number;
}

/** Creates the use case: from the event to the request, token, principal, input and decision. */
export function createAuthorize(effects: AuthorizeEffects, settings: AuthorizeSettings): Authorize {
  const { verify, evaluate, toInput, explainRefusal, nowMs, nowNs } = effects;
  const { tokenSources, cachesHttpResponses, uncachedApis, tokenDocuments, userTokenUse, trailingSlash, apiName } =
    settings;
  const hasTokenDocument = tokenDocuments && createHasTokenDocument(tokenDocuments);

  /** Tells whether the policy does not accept this kind of token. Only Cognito's tokens have a kind. */
  function isRefused({ kind, token_use: use }: Principal): boolean {
    return userTokenUse !== undefined && kind !== "machine" && use !== undefined && use !== userTokenUse;
  }

  function refuse(code: Code, token?: string, verifyNs?: number) {
    explainRefusal(code, token);
    return err({ code, ...(verifyNs !== undefined && { verifyNs }) });
  }

  async function identify(
    event: GatewayEvent,
    remainingMs: RemainingMs | undefined,
  ): Promise<Result<Identified, Pick<Stopped, "code" | "verifyNs">>> {
    const token = findToken(event, tokenSources);
    if (!token.ok) return refuse(token.error);
    const startNs = nowNs();
    const isUncached = uncachedApis.includes(traitsOf(event.kind).api);
    const certificatePem = isUncached ? event.clientCertificate?.pem : undefined;
    const verified = await verify(token.value, { certificatePem, remainingMs });
    const verifyNs = nowNs() - startNs;
    if (!verified.ok) return refuse(verified.error, token.value, verifyNs);
    const principal = verified.value;
    return isRefused(principal) ? refuse("token.use_refused", token.value, verifyNs) : ok({ principal, verifyNs });
  }

  function timed(entrypoint: "engine/decision" | "engine/entitlements", input: object) {
    const startNs = nowNs();
    const evaluated = evaluate(entrypoint, input);
    return { evaluated, evaluateNs: nowNs() - startNs };
  }

  /** Reads only the token of the request, because API Gateway returns the cached response to other requests too. */
  async function document(
    event: GatewayEvent,
    parts: TokenDocumentParts,
    remainingMs: RemainingMs | undefined,
  ): Promise<Documented | Stopped> {
    const identified = await identify(event, remainingMs);
    if (!identified.ok) return stop(identified.error.code, identified.error);
    const { principal, verifyNs } = identified.value;
    const input = toInput(principal);
    const { evaluated, evaluateNs } = timed("engine/entitlements", input);
    const progress = { principal, input, verifyNs, evaluateNs };
    const entitlements = evaluated.ok ? parseEntitlements(evaluated.value) : evaluated;
    if (!entitlements.ok) return stop(entitlements.error, progress);
    const resources = toTokenResources(entitlements.value, parts);
    if (resources === undefined) return stop("answer.not_expressible", progress);
    return { ...progress, kind: "documented", arn: event.arn, resources, rules: toRules(entitlements.value, parts) };
  }

  async function decide(event: GatewayEvent, remainingMs: RemainingMs | undefined): Promise<Outcome> {
    const requested = toRequest(event, trailingSlash, apiName);
    if (!requested.ok) {
      const { code, field, method } = requested.error;
      return stop(code, { ...(field && { field }), input: { request: { method } } });
    }
    const { arn } = event;
    const request = requested.value;
    const known = { input: { request: { method: request.method, path: request.path } } };

    const identified = await identify(event, remainingMs);
    if (!identified.ok) return stop(identified.error.code, { ...known, ...identified.error });
    const { principal, verifyNs } = identified.value;
    // Later than the token: whoever sends a repeated one, or a path in an odd form, must not be able to cause a fault.
    const mustHaveKey = cachesHttpResponses && traitsOf(event.kind).api === "http";
    if (mustHaveKey && !coversCacheKey(event, tokenSources)) {
      return stop("cache.key_incomplete", { ...known, principal, verifyNs });
    }
    const atMs = nowMs();
    const input = toInput(principal, request, Math.floor(atMs / 1000));
    const { evaluated, evaluateNs } = timed("engine/decision", input);
    const progress = { arn, principal, input, atMs, verifyNs, evaluateNs };
    const decision = evaluated.ok ? parseDecision(evaluated.value) : evaluated;
    return decision.ok
      ? { ...progress, kind: "decided", paths: event.paths, decision: decision.value }
      : stop(decision.error, progress);
  }

  return function authorize(event, remainingMs) {
    return tokenDocuments !== undefined && hasTokenDocument?.(event)
      ? document(event, tokenDocuments, remainingMs)
      : decide(event, remainingMs);
  };
}

/** Lists the grants and denials that apply to the principal and are part of per-token policy documents. */
function toRules({ grants, denials, roles }: Entitlements, parts: TokenDocumentParts): TokenDocumentRules {
  const names = (rules: Entitlements["grants"] | Entitlements["denials"], packed: object) =>
    Object.keys(packed).filter((name) => rules[name]?.status !== "not_held");
  return { grants: names(grants, parts.grants), denials: names(denials, parts.denials), roles };
}
