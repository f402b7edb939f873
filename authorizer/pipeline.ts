import type { LogEntry } from "../contract/log-entry.ts";
import type { CodeOf } from "../contract/reason-codes.ts";
import type { Result } from "../contract/result.ts";
import { type AuthorizeEffects, type AuthorizeSettings, createAuthorize } from "./authorize.ts";
import { type ConcludeSettings, conclude } from "./conclude.ts";
import { toLogEntry } from "./decision-log.ts";
import { type Deployment, findDeploymentFault } from "./deployment-guard.ts";
import { parseEvent } from "./gateway/event.ts";
import type { AuthorizerResponse } from "./gateway/response.ts";
import type { RemainingMs } from "./identity/key-sets.ts";
import { type Outcome, stop, stopAtException } from "./outcome.ts";
import { toReported } from "./report-only.ts";

/** The effects that the pipeline needs. */
export interface Effects extends AuthorizeEffects {
  /** Tells the operator what to do about a deployment that gets no responses. */
  readonly explainDeployment: (code: CodeOf<"deployment">) => void;
  readonly newId: () => string;
  readonly record: (entry: LogEntry) => void;
}

/** The settings that are the same for every event of a deployment. */
export interface Settings extends AuthorizeSettings, ConcludeSettings, LogSettings {
  /** The API that invokes the Lambda, or why it gets no response. */
  readonly deployment: Result<Deployment, CodeOf<"deployment">>;
}

/** The settings of the decision log. */
export interface LogSettings {
  /** The version of the Lambda function; undefined outside Lambda. */
  readonly version: string | undefined;
  /** Whether lines name the issuer of the principal. */
  readonly namesIssuer: boolean;
}

/**
 * Responds to an event, in the time that is left.
 *
 * @param invocationId - Lambda's request id, which identifies the decision if the event has no id.
 */
export type Respond = (event: unknown, remainingMs?: RemainingMs, invocationId?: string) => Promise<AuthorizerResponse>;

/**
 * Creates the pipeline for every kind of event: it decides, makes the response, and records the decision.
 *
 * The pipeline resolves to a response, or throws an error that API Gateway turns into 401 (exactly `Unauthorized`) or 500
 * (a code). A response allows exactly the request that the engine allowed, or the routes of a per-token policy document. For a
 * report-only API it allows the request in any case, and the decision is in the log alone.
 */
export function createPipeline(effects: Effects, settings: Settings): Respond {
  const { nowMs, nowNs, newId, record, explainDeployment } = effects;
  const { revision, version, namesIssuer, deployment, httpResponse } = settings;
  const mode = deployment.ok ? deployment.value.mode : undefined;
  const authorize = createAuthorize(effects, settings);

  async function decide(parsed: ReturnType<typeof parseEvent>, remainingMs: RemainingMs | undefined): Promise<Outcome> {
    const fault = findDeploymentFault(deployment, (parsed.ok ? parsed.value : parsed.error).kind);
    if (fault !== undefined) {
      explainDeployment(fault);
      return stop(fault);
    }
    return parsed.ok ? await authorize(parsed.value, remainingMs) : stop(parsed.error.code);
  }

  return async function respond(event, remainingMs, invocationId) {
    const startNs = nowNs();
    const parsed = parseEvent(event);
    const { kind, requestId } = parsed.ok ? parsed.value : parsed.error;
    const decided = await decide(parsed, remainingMs).catch(stopAtException);
    const { response, outcome } = conclude(kind, decided, settings);
    const handlerNs = nowNs() - startNs;
    const id = requestId || invocationId || newId();
    const arn = parsed.ok ? parsed.value.arn : undefined;
    const reported = mode && toReported(kind, parsed.ok ? arn : parsed.error.arn, revision, httpResponse);
    try {
      record(toLogEntry(outcome, { id, kind, arn, revision, version, namesIssuer, mode, nowMs: nowMs(), handlerNs }));
    } catch {
      if (reported !== undefined) return reported;
      // Nobody could tell afterwards what was allowed. The message may quote the request, so it goes no further.
      throw new Error("authorizer.failed");
    }
    if (reported !== undefined) return reported;
    if (response instanceof Error) throw response;
    return response;
  };
}
