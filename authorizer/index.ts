import { formatLogEntry } from "../contract/decision-log.ts";
import { createHandler } from "./create-handler.ts";

/**
 * The Lambda authorizer, for every kind of API.
 *
 * @throws `Unauthorized`, which API Gateway answers with 401, or a code, which it answers with 500.
 */
export const handler = createHandler(process.env, new URL("./", import.meta.url), {
  record: (entry) => process.stdout.write(formatLogEntry(entry)),
  warn: console.error,
});
