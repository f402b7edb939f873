import { formatLogEntry } from "../contract/decision-log.ts";
import { createHandler } from "./create-handler.ts";

/**
 * Handles an authorizer event of any kind of API.
 *
 * @throws `Unauthorized`, which API Gateway turns into 401, or a code, which it turns into 500.
 */
export const handler = createHandler(process.env, new URL("./", import.meta.url), {
  record: (entry) => process.stdout.write(formatLogEntry(entry)),
  warn: console.error,
});
