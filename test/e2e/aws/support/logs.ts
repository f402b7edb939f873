import { parseLogEntry } from "../../../../contract/decision-log.ts";
import type { LogEntry } from "../../../../contract/log-entry.ts";
import { askAws } from "./aws.ts";
import type { Emulator, Run } from "./run.ts";

/** Reads the output of a function, line by line. */
export async function readLog(emulator: Emulator, functionName: string): Promise<readonly string[]> {
  const path = `/2015-03-31/functions/${functionName}/configuration`;
  const { LoggingConfig } = JSON.parse(await askAws(emulator, { service: "lambda", method: "GET", path }));
  const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "Logs_20140328.FilterLogEvents",
  };
  const events: { readonly timestamp: number; readonly message: string }[] = [];
  let nextToken: string | undefined;
  do {
    const body = JSON.stringify({ logGroupName, nextToken });
    const answer = JSON.parse(await askAws(emulator, { service: "logs", headers, body }));
    events.push(...answer.events);
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  const inOrder = events.toSorted((one, other) => one.timestamp - other.timestamp);
  return inOrder.flatMap(({ message }) => message.trimEnd().split("\n"));
}

/** Reads the decision log so far: an entry for each invocation of the authorizer of the example app. */
export async function readDecisions(run: Run): Promise<readonly LogEntry[]> {
  return readDecisionsOf(run, run.orders.AuthorizerFunctionName);
}

/** Reads the decision log of a function so far. */
export async function readDecisionsOf(emulator: Emulator, functionName: string): Promise<readonly LogEntry[]> {
  const lines = await readLog(emulator, functionName);
  return lines.map(parseLogEntry).flatMap((entry) => (entry.ok ? [entry.value] : []));
}
