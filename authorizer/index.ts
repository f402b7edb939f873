import { formatLogEntry } from "../contract/decision-log.ts";
import { createHandler, type Outputs } from "./create-handler.ts";
import { createWrite } from "./standard-output.ts";

/** The part of a Lambda's context that the authorizer reads. */
interface InvocationContext {
  readonly getRemainingTimeInMillis?: () => number;
  /** Ends in the alias that the URI of the authorizer names. */
  readonly invokedFunctionArn?: string;
  /** Identifies the invocation in the access log, too. */
  readonly awsRequestId?: string;
}

const respond = start();

/** Creates the handler. In Lambda, a start that fails has a line of its own, since alarms count it whatever the runtime writes. */
function start(): ReturnType<typeof createHandler> {
  const write = createWrite();
  const record: Outputs["record"] = (entry, format) => write(formatLogEntry(entry, format));
  try {
    return createHandler(process.env, new URL("./", import.meta.url), { record, write, warn: console.warn });
  } catch (error) {
    const isLambda = process.env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined;
    if (isLambda && error instanceof Error) console.error(`start.failed: ${error.message.trim()}`);
    throw error;
  }
}

/**
 * Handles an authorizer event of any kind of API.
 *
 * @throws `Unauthorized`, which API Gateway turns into 401, or a code, which it turns into 500.
 */
export function handler(event: unknown, context?: InvocationContext): ReturnType<typeof respond> {
  const remainingMs = () => context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  return respond(event, remainingMs, context?.invokedFunctionArn, context?.awsRequestId);
}
