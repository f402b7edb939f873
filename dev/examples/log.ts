import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { parseDecision } from "../../contract/decision.ts";
import { formatLogEntry } from "../../contract/decision-log.ts";
import type { ExamplePolicy } from "./changes.ts";
import type { ExampleRepository } from "./repository.ts";

/** A request, and how often it is logged. */
interface LoggedRequest {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly kind?: "user" | "machine";
  readonly request: string;
  readonly times: number;
}

/** The time of the first line: 2026-11-26T13:05:00Z. */
const START_S = 1_795_698_300;

const inGroup = (group: string, more: Readonly<Record<string, unknown>> = {}) => ({
  "cognito:groups": [group],
  ...more,
});

/** The requests in the time of the log. */
const REQUESTS: Readonly<Record<ExamplePolicy, readonly LoggedRequest[]>> = {
  sample: [
    { claims: {}, request: "GET /home", times: 40 },
    { claims: inGroup("Customers", { "custom:customer_id": "42" }), request: "GET /customers/42/orders", times: 25 },
    { claims: inGroup("Customers", { "custom:customer_id": "42" }), request: "GET /customers/43/orders", times: 2 },
    { claims: inGroup("Support"), request: "GET /orders/7", times: 12 },
    { claims: inGroup("Support"), request: "GET /customers/43/orders", times: 8 },
    { claims: inGroup("Support", { auth_time: START_S - 60 }), request: "POST /orders/7/refunds", times: 3 },
    { claims: inGroup("Admins"), request: "GET /admin", times: 5 },
    { claims: inGroup("Admins"), request: "PUT /admin/users/7", times: 1 },
    { claims: inGroup("Admins"), request: "DELETE /admin/users/8", times: 1 },
  ],
  northwind: [
    { claims: inGroup("Members", { "custom:tenant": "acme" }), request: "GET /tenants/acme", times: 30 },
    { claims: inGroup("Members", { "custom:tenant": "acme" }), request: "GET /tenants/globex", times: 1 },
    {
      claims: inGroup("BillingManagers", { "custom:tenant": "acme" }),
      request: "GET /tenants/acme/billing/invoices",
      times: 6,
    },
    { claims: inGroup("Support"), request: "GET /tenants/acme/billing/invoices/7", times: 4 },
    { claims: inGroup("Support"), request: "GET /tenants/globex", times: 9 },
    { claims: { scope: "events/write" }, kind: "machine", request: "POST /internal/events", times: 50 },
  ],
};

/** Writes the decision log of the policy in the working tree: decisions of the module that a build makes. */
export async function writeLog(policy: ExamplePolicy, { root, run }: ExampleRepository, file: string): Promise<void> {
  const { exit, said } = await run("build");
  if (exit !== 0) throw new Error(said);
  const read = (name: string) => readFile(join(root, "dist", "authorizer", name));
  const data = Uint8Array.from(await read("data.json")).buffer;
  const evaluate = createEvaluator(new WebAssembly.Module(Uint8Array.from(await read("policy.wasm"))), data);
  const { revision } = JSON.parse(`${await read("manifest.json")}`) as { readonly revision: string };
  const requests = REQUESTS[policy].flatMap((one) => Array.from({ length: one.times }, () => one));
  const lines = requests.map(({ claims, kind = "user", request }, at) => {
    const [method = "", path = ""] = request.split(" ");
    const principal = { id: `u${at}`, kind, issuer: "https://issuer.example", claims };
    const asked = { method, path, source_ip: "203.0.113.7", headers: {} };
    const input = { principal, request: asked, now_s: START_S + at, calendar: { UTC: { hour: 13 } } };
    const answer = evaluate("engine/decision", input);
    const decision = answer.ok ? parseDecision(answer.value) : answer;
    if (!decision.ok) throw new Error(`${request} has no decision`);
    return formatLogEntry({
      decision_id: `d${at}`,
      timestamp: new Date((START_S + at) * 1000).toISOString(),
      labels: { app: "rego-authorizer", api: "orders", stage: "prod", version: "3" },
      ...{ revision, path: "engine/decision", input, result: decision.value },
      metrics: { timer_server_handler_ns: 500_000 },
    });
  });
  await writeFile(join(root, file), lines.join(""));
}
