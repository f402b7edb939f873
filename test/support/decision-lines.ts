import { parseDecision } from "../../contract/decision.ts";
import { formatLogEntry, type LogFormat } from "../../contract/decision-log.ts";
import type { LogEntry } from "../../contract/log-entry.ts";

/** A request of a principal with some claims. */
export interface LoggedRequest {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly kind?: "user" | "machine";
  readonly method: string;
  readonly path: string;
}

/** The start of all logs. */
const START_S = 1_795_611_900;

/** Makes the input of a logged request. */
export function inputOf({ claims, kind = "user", method, path }: LoggedRequest, at = 0): object {
  const principal = { id: `u${at}`, kind, issuer: "https://issuer.example", claims };
  return { principal, request: { method, path, source_ip: "198.51.100.7" }, now_s: START_S + at };
}

/** Creates the function that decides requests with a module, and logs them as the authorizer does. */
export function createLogger(
  evaluate: (entrypoint: string, input: object) => { readonly ok: boolean; readonly value?: unknown },
  revision: string,
) {
  return function log(request: LoggedRequest, at = 0, changes: Partial<LogEntry> = {}, format?: LogFormat): string {
    const input = inputOf(request, at);
    const decision = parseDecision(evaluate("engine/decision", input).value);
    if (!decision.ok) throw new Error("the module decides nothing");
    const timestamp = new Date((START_S + at) * 1000).toISOString();
    const labels = { app: "rego-authorizer", api: "orders", stage: "prod", version: "3" } as const;
    const entry: LogEntry = {
      ...{ decision_id: `d${at}`, timestamp, labels, revision, path: "engine/decision", input },
      result: decision.value,
      metrics: { timer_server_handler_ns: 500_000 },
      ...changes,
    };
    return formatLogEntry(entry, format);
  };
}
