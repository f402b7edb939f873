import { createHandler } from "./create-handler.ts";
import { createDecisionLog } from "./decision-log.ts";

/** The part of a Lambda's context that the authorizer reads. */
interface InvocationContext {
  readonly getRemainingTimeInMillis?: () => number;
  /** Ends in the alias that the URI of the authorizer names. */
  readonly invokedFunctionArn?: string;
}

const respond = createHandler(process.env, new URL("./", import.meta.url), {
  record: createDecisionLog((line) => process.stdout.write(line)),
  warn: console.error,
});

/**
 * Handles an authorizer event of any kind of API.
 *
 * @throws `Unauthorized`, which API Gateway turns into 401, or a code, which it turns into 500.
 */
export function handler(event: unknown, context?: InvocationContext): ReturnType<typeof respond> {
  const remainingMs = () => context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  return respond(event, remainingMs, context?.invokedFunctionArn);
}
