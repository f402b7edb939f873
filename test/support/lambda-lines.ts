import { randomUUID } from "node:crypto";

// The lines that Lambda adds to a function's log with the log format JSON.

/** What became of an invocation, for Lambda. A handler that throws has handled the event, so that its report says success. */
export type ReportedStatus = "success" | "timeout" | "failure" | "error";

/**
 * Makes Lambda's report of an invocation.
 *
 * @see Lambda developer guide, "Lambda Telemetry API Event schema reference", `platform.report`
 */
export function formatReport(atMs: number, status: ReportedStatus, errorType?: string): string {
  const metrics = { durationMs: 5000, billedDurationMs: 5000, memorySizeMB: 512, maxMemoryUsedMB: 94 };
  const record = { requestId: randomUUID(), metrics, status, ...(errorType !== undefined && { errorType }) };
  return JSON.stringify({ time: new Date(atMs).toISOString(), type: "platform.report", record });
}

/** Makes Lambda's line about the start of an environment. */
export function formatInit(atMs: number, status: ReportedStatus, errorType?: string): string {
  const record = {
    initializationType: "on-demand",
    phase: "init",
    status,
    ...(errorType !== undefined && { errorType }),
  };
  return JSON.stringify({ time: new Date(atMs).toISOString(), type: "platform.initRuntimeDone", record });
}

/**
 * Makes the line that the runtime writes for a call of `console.warn` or `console.error`.
 *
 * @see The runtime interface client for Node.js (aws/aws-lambda-nodejs-runtime-interface-client), `src/LogPatch.js`
 */
export function formatConsole(atMs: number, level: "WARN" | "ERROR", message: unknown): string {
  return JSON.stringify({ timestamp: new Date(atMs).toISOString(), level, requestId: randomUUID(), message });
}

/** Makes the line that the runtime writes for an error that a handler has thrown. */
export function formatThrown(atMs: number, { message, stack = "" }: Error): string {
  return formatConsole(atMs, "ERROR", { errorType: "Error", errorMessage: message, stackTrace: stack.split("\n") });
}

/** Tells whether Lambda sends a line of its own to the log with the system log level WARN. */
export function isSentAtWarn(line: string): boolean {
  return JSON.parse(line).record.status !== "success";
}
