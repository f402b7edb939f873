import { type Decision, parseDecision } from "../contract/decision.ts";
import type { ByToken, LogEntry } from "../contract/decision-log.ts";
import { type Entitlements, parseEntitlements } from "../contract/entitlements.ts";
import type { TokenAnswers } from "../contract/manifest.ts";
import { type Code, KIND_OF_CODE } from "../contract/reason-codes.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { type Answer, type HttpResponse, toAllow, toDeny, unauthorized } from "./gateway/answer.ts";
import { findToken, type TokenSource } from "./gateway/bearer-token.ts";
import { type ApiKind, type GatewayEvent, parseEvent } from "./gateway/event.ts";
import { hasKey } from "./gateway/identity-source.ts";
import { type MethodArn, parseMethodArn } from "./gateway/method-arn.ts";
import { toRequest } from "./gateway/request.ts";
import { type TokenResources, toTokenAnswer } from "./gateway/token-answer.ts";
import type { Principal } from "./identity/principal.ts";
import type { Verify } from "./identity/verify.ts";
import type { Evaluate } from "./policy/evaluator.ts";
import type { ToInput } from "./policy/input.ts";
import { isAnsweredByToken, toTokenResources } from "./policy/token-resources.ts";

/** All that the use case asks of the world. */
export interface Effects {
  readonly verify: Verify;
  readonly evaluate: Evaluate;
  readonly toInput: ToInput;
  readonly nowMs: () => number;
  /** Counted from any moment. */
  readonly nowNs: () => number;
  readonly newId: () => string;
  readonly record: (entry: LogEntry) => void;
}

/** What is the same for every request. */
export interface Settings {
  readonly revision: string;
  readonly tokenSource: TokenSource;
  readonly httpResponse: HttpResponse;
  /** Answers to an HTTP API's requests are kept, so that its authorizers must have the whole key. */
  readonly keepsHttpAnswers: boolean;
  /** Only if answers are to hold for all routes of a token, where they can. */
  readonly tokenAnswers: TokenAnswers | undefined;
}

/** What was learnt of a token, and how long that took. */
interface Identified {
  readonly principal: Principal;
  readonly verifyNs: number;
}

/** What the policy was asked, of whom, and how long that took. */
interface Evaluated extends Identified {
  readonly arn: MethodArn;
  readonly input: object;
  readonly evaluateNs: number;
}

/** A request that the policy decided. */
interface Decided extends Evaluated {
  readonly decision: Decision;
}

/** A token whose document was put together. */
interface DecidedByToken extends Evaluated {
  readonly resources: TokenResources;
  readonly byToken: ByToken;
}

/** A request that did not get so far, or whose decision can't be used. */
interface Stopped {
  readonly code: Code;
  /** Known from when the path is known to be canonical. */
  readonly arn?: MethodArn;
  readonly principal?: Principal;
  readonly input: object;
  readonly verifyNs?: number;
  readonly evaluateNs?: number;
  /** Which part of the event it is about. */
  readonly field?: string;
  /** Where an exception was thrown. */
  readonly frames?: readonly string[];
}

/** What API Gateway is told, or what is thrown at it; and what the log says of it. */
interface Conclusion {
  readonly answer: Answer | Error;
  readonly logged: Partial<Pick<LogEntry, "path" | "result" | "error">>;
}

/**
 * The one pipeline for every kind of event: event, request, token, principal, input, decision, answer.
 *
 * What it creates resolves to an answer, or throws what API Gateway turns into 401 (exactly `Unauthorized`) or 500
 * (a code). It allows nothing but the very request that the engine decided to allow.
 */
export function createAuthorize(effects: Effects, settings: Settings): (event: unknown) => Promise<Answer> {
  const { verify, evaluate, toInput, nowMs, nowNs, newId, record } = effects;
  const { revision, tokenSource, httpResponse, keepsHttpAnswers, tokenAnswers } = settings;

  async function decide(event: GatewayEvent): Promise<Decided | DecidedByToken | Stopped> {
    if (keepsHttpAnswers && event.kind.startsWith("http") && !hasKey(event, tokenSource)) {
      return { code: "cache.key_incomplete", input: {} };
    }
    if (tokenAnswers === undefined) return decideRequest(event);
    const arn = parseMethodArn(event.arn);
    return arn.ok && isAnsweredByToken(event, arn.value.verb, tokenAnswers)
      ? decideToken(event, arn.value, tokenAnswers)
      : decideRequest(event);
  }

  async function identify(event: GatewayEvent): Promise<Result<Identified, Pick<Stopped, "code" | "verifyNs">>> {
    const token = findToken(event, tokenSource);
    if (!token.ok) return err({ code: token.error });
    const verifyStartNs = nowNs();
    const verified = await verify(token.value);
    const verifyNs = nowNs() - verifyStartNs;
    return verified.ok ? ok({ principal: verified.value, verifyNs }) : err({ code: verified.error, verifyNs });
  }

  function ask(entrypoint: "engine/decision" | "engine/entitlements", input: object) {
    const startNs = nowNs();
    const evaluated = evaluate(entrypoint, input);
    return { evaluated, evaluateNs: nowNs() - startNs };
  }

  /** Nothing of the request is looked at but its token: the answer is given to other requests too. */
  async function decideToken(
    event: GatewayEvent,
    arn: MethodArn,
    answers: TokenAnswers,
  ): Promise<DecidedByToken | Stopped> {
    const identified = await identify(event);
    if (!identified.ok) return { ...identified.error, input: {} };
    const { principal, verifyNs } = identified.value;
    const input = toInput(principal);
    const { evaluated, evaluateNs } = ask("engine/entitlements", input);
    const course = { principal, input, verifyNs, evaluateNs };
    const entitlements = evaluated.ok ? parseEntitlements(evaluated.value) : evaluated;
    if (!entitlements.ok) return { ...course, code: entitlements.error };
    const resources = toTokenResources(entitlements.value, answers);
    if (resources === undefined) return { ...course, code: "answer.not_expressible" };
    return { ...course, arn, resources, byToken: toByToken(entitlements.value, answers) };
  }

  async function decideRequest(event: GatewayEvent): Promise<Decided | Stopped> {
    const requested = toRequest(event);
    if (!requested.ok) {
      const { code, field, method } = requested.error;
      return { code, ...(field && { field }), input: method === undefined ? {} : { request: { method } } };
    }
    const { arn, request } = requested.value;
    const asked = { arn, input: { request: { method: request.method, path: request.path } } };

    const identified = await identify(event);
    if (!identified.ok) return { ...asked, ...identified.error };
    const { principal, verifyNs } = identified.value;
    const input = toInput(principal, request, Math.floor(nowMs() / 1000));
    const { evaluated, evaluateNs } = ask("engine/decision", input);
    const course = { arn, principal, input, verifyNs, evaluateNs };
    const decision = evaluated.ok ? parseDecision(evaluated.value) : evaluated;
    return decision.ok ? { ...course, decision: decision.value } : { ...course, code: decision.error };
  }

  function conclude(kind: ApiKind | undefined, course: Decided | DecidedByToken | Stopped): Conclusion {
    const { arn, principal } = course;
    if ("resources" in course) {
      const { byToken, resources, input } = course;
      const context = { roles: byToken.roles.join(" "), revision };
      const answer = toTokenAnswer(course.arn, course.principal.id, resources, context);
      if (answer !== undefined) return { answer, logged: { path: "engine/entitlements", result: byToken } };
      return conclude(kind, { principal: course.principal, input, code: "answer.not_expressible" });
    }
    if ("code" in course && KIND_OF_CODE[course.code] === "fault") {
      const { code, frames } = course;
      return { answer: new Error(code), logged: { error: { code, ...(frames && { frames }) } } };
    }
    const decision = "code" in course ? denialBy(course.code) : course.decision;
    const roles = decision.roles.join(" ");
    if (decision.effect === "allow") {
      const context = { roles, grants: decision.grants.join(" "), revision };
      const answer = arn && principal && toAllow(kind, arn, principal.id, context, httpResponse);
      const logged = { result: decision };
      return answer ? { answer, logged } : conclude(kind, { ...course, code: "answer.not_expressible" });
    }
    const context = { roles, reason: decision.reasons.join(" "), revision };
    const isRefused = "code" in course && KIND_OF_CODE[course.code] === "refuse";
    const answer =
      isRefused && !kind?.startsWith("http") ? unauthorized() : toDeny(kind, arn, principal?.id, context, httpResponse);
    return { answer, logged: { result: decision } };
  }

  return async function authorize(event) {
    const startNs = nowNs();
    const parsed = parseEvent(event);
    const kind = parsed.ok ? parsed.value.kind : parsed.error.kind;
    const course = parsed.ok ? await decide(parsed.value).catch(failedBy) : { code: parsed.error.code, input: {} };
    const { answer, logged } = conclude(kind, course);
    record({
      decision_id: (parsed.ok && parsed.value.requestId) || newId(),
      timestamp: new Date(nowMs()).toISOString(),
      labels: { app: "rego-authorizer", kind: kind ?? "unknown" },
      revision,
      path: "engine/decision",
      input: course.input,
      ...logged,
      ...("field" in course && course.field !== undefined && { field: course.field }),
      metrics: {
        timer_server_handler_ns: nowNs() - startNs,
        ...(course.verifyNs !== undefined && { timer_token_verify_ns: course.verifyNs }),
        ...(course.evaluateNs !== undefined && { timer_rego_query_eval_ns: course.evaluateNs }),
      },
    });
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

/** An exception that nobody foresaw. Its message is left out, since it may quote what was sent. */
function failedBy(error: unknown): Stopped {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  const frames = lines.filter((line) => line.startsWith("    at ")).map((line) => line.trim());
  return { code: "authorizer.failed", input: {}, frames };
}

function toByToken({ grants, denials, roles }: Entitlements, answers: TokenAnswers): ByToken {
  const names = (rules: Entitlements["grants"] | Entitlements["denials"], packed: object) =>
    Object.keys(packed).filter((name) => rules[name]?.status !== "not_held");
  return { grants: names(grants, answers.grants), denials: names(denials, answers.denials), roles };
}

function denialBy(code: Code): Decision {
  return { effect: "deny", reasons: [code], denials: [], unmet: {}, roles: [] };
}
