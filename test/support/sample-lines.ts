import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROWS } from "../e2e/aws/support/matrix.ts";
import type { RunningAuthorizer } from "./authorizer.ts";
import { createEvent, KINDS, redirected } from "./events.ts";
import { AS_ID_TOKEN, AS_MACHINE, type TestIssuer } from "./tokens.ts";

const SAMPLE = join(import.meta.dirname, "..", "..", "policies", "access");

/** The sample policy. */
export const SAMPLE_POLICIES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(SAMPLE).map((name) => [`access/${name}`, readFileSync(join(SAMPLE, name), "utf8")]),
);

/** The claims of the sample's users and its machine, in tokens as Cognito issues them; undefined without a token. */
const USERS: Readonly<Record<string, object | undefined>> = {
  admin: { ...AS_ID_TOKEN, "cognito:groups": ["Admins"] },
  support: { ...AS_ID_TOKEN, "cognito:groups": ["Support"] },
  customer: { ...AS_ID_TOKEN, "cognito:groups": ["Customers"], "custom:customer_id": "42" },
  auditor: { ...AS_ID_TOKEN, "custom:department": "[Audit, Ops]" },
  nobody: { ...AS_ID_TOKEN },
  helpdesk: { ...AS_MACHINE, scope: "orders/support" },
  stranger: undefined,
};

/** The number of requests of {@link sendSampleRequests}. */
export const SAMPLE_REQUESTS = Object.keys(USERS).length * KINDS.length * ROWS.length;

/** Sends every request of the sample: each user's, on each method, by each kind of event. */
export async function sendSampleRequests(issuer: TestIssuer, authorizers: readonly RunningAuthorizer[]): Promise<void> {
  for (const claims of Object.values(USERS)) {
    const token = claims && (await issuer.sign({ ...claims }));
    for (const kind of KINDS) {
      for (const { method, path } of ROWS) {
        const event = createEvent(kind, token);
        const sent = kind === "websocket" ? event : redirected(kind, event, method, path);
        for (const authorizer of authorizers) await authorizer.invoke(sent);
      }
    }
  }
}
