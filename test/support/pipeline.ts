import { createPipeline, type Effects, type Settings } from "../../authorizer/pipeline.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import { createEvent } from "./events.ts";

/** The decision of {@link authorizeWith} unless the test sets another. */
export const ALLOW = { effect: "allow", grants: ["a.b"], params: { "a.b": {} }, roles: ["authenticated"] };
const PRINCIPAL = {
  id: "7d8c",
  kind: "user",
  issuer: "i",
  issuer_name: undefined,
  client_id: "c",
  token_use: "access",
  claims: {},
} as const;

/** Runs the pipeline with effects that the test sets, and returns the response, or the message of what it throws. */
export async function authorizeWith(
  effects: Partial<Effects>,
  event: unknown = createEvent("rest-token", "a.b.c"),
  settings: Partial<Settings> = {},
  invocationId?: string,
): Promise<{ answer: unknown; log: readonly LogEntry[] }> {
  const log: LogEntry[] = [];
  let clockNs = 0;
  const authorize = createPipeline(
    {
      verify: async () => ({ ok: true, value: PRINCIPAL }),
      evaluate: () => ({ ok: true, value: [{ result: ALLOW }] }),
      toInput: () => ({ now_s: 1 }),
      explainRefusal: () => {},
      explainDeployment: () => {},
      nowMs: () => 1_700_000_000_000,
      nowNs: () => {
        clockNs += 10;
        return clockNs;
      },
      newId: () => "new-id",
      // As it is written: JSON leaves out fields without a value.
      record: (entry) => log.push(JSON.parse(JSON.stringify(entry))),
      ...effects,
    },
    {
      revision: "r",
      version: undefined,
      namesIssuer: true,
      tokenSources: [{ from: "header", name: "Authorization" }],
      httpResponse: "iam",
      passedOn: { contextClaims: [], usageKeyClaim: undefined },
      cachesHttpResponses: false,
      uncachedApis: [],
      tokenDocuments: undefined,
      userTokenUse: undefined,
      trailingSlash: "denied",
      apiName: undefined,
      isKeyOfRequest: () => false,
      deployment: { ok: true, value: { apiName: undefined, api: undefined, contract: undefined } },
      ...settings,
    },
  );
  const answer = await authorize(event, undefined, invocationId).catch((error: Error) => error.message);
  return { answer, log };
}
