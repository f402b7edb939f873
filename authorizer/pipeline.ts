import type { LogEntry } from "../contract/decision-log.ts";
import { type AuthorizeEffects, type AuthorizeSettings, createAuthorize } from "./authorize.ts";
import { type ConcludeSettings, conclude } from "./conclude.ts";
import type { Answer } from "./gateway/answer.ts";
import { parseEvent } from "./gateway/event.ts";
import { toLogEntry } from "./log-entry.ts";
import { stop, stopAtException } from "./outcome.ts";

/** What the pipeline asks of the world. */
export interface Effects extends AuthorizeEffects {
  readonly newId: () => string;
  readonly record: (entry: LogEntry) => void;
}

/** What is the same for every event. */
export type Settings = AuthorizeSettings & ConcludeSettings;

/**
 * Creates the one pipeline for every kind of event: it decides, answers, and records what it decided.
 *
 * The pipeline resolves to an answer, or throws an error that API Gateway turns into 401 (exactly `Unauthorized`) or 500
 * (a code). It allows nothing but the very request that the engine decided to allow.
 */
export function createPipeline(effects: Effects, settings: Settings): (event: unknown) => Promise<Answer> {
  const { nowMs, nowNs, newId, record } = effects;
  const authorize = createAuthorize(effects, settings);

  return async function answerEvent(event) {
    const startNs = nowNs();
    const parsed = parseEvent(event);
    const { kind, requestId } = parsed.ok ? parsed.value : parsed.error;
    const decided = parsed.ok ? await authorize(parsed.value).catch(stopAtException) : stop(parsed.error.code);
    const { answer, outcome } = conclude(kind, decided, settings);
    const handlerNs = nowNs() - startNs;
    const { revision } = settings;
    record(toLogEntry(outcome, { id: requestId || newId(), kind, revision, nowMs: nowMs(), handlerNs }));
    if (answer instanceof Error) throw answer;
    return answer;
  };
}
