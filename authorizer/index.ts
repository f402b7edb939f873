import { createHandler } from "./create-handler.ts";
import { createDecisionLog } from "./decision-log.ts";

/**
 * Handles an authorizer event of any kind of API.
 *
 * @throws `Unauthorized`, which API Gateway turns into 401, or a code, which it turns into 500.
 */
export const handler = createHandler(process.env, new URL("./", import.meta.url), {
  record: createDecisionLog((line) => process.stdout.write(line)),
  warn: console.error,
});
