import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEvaluator, type Evaluate } from "../authorizer/policy/evaluator.ts";
import { createToInput, type ToInput } from "../authorizer/policy/input.ts";
import { parseDecision } from "../contract/decision.ts";
import { formatLogEntry, type LogFormat } from "../contract/decision-log.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { builtIn, createWorkspace } from "../dev/workspace.ts";
import { createDecide, type Decide } from "../replay/decide.ts";

/** A policy as it ships, and the lines of the decision log that its decisions leave. */
export interface ReplayedLog {
  readonly index: PolicyIndex;
  readonly revision: string;
  readonly decide: Decide;
  /** Makes lines of real decisions, each of another principal and time. */
  readonly toLines: (count: number, format: LogFormat) => readonly string[];
}

/** The time of the first line: 2026-11-26T13:05:00Z. */
const START_S = 1_795_698_300;

const ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Bench0000";

/**
 * Builds a policy of grants with conditions, for the measurement of replays.
 *
 * @param conditions - The conditions of each grant, up to five; all of them hold for nine requests of ten.
 */
export async function createReplayedLog(grants: number, conditions: number): Promise<ReplayedLog> {
  await using workspace = await createWorkspace(toReplayedPolicies(grants, conditions));
  const built = await builtIn(workspace.root);
  const read = (file: string) => readFile(join(workspace.root, "dist", "authorizer", file));
  const module = new WebAssembly.Module(await read("policy.wasm"));
  const data = Uint8Array.from(await read("data.json")).buffer;
  const { index, manifest } = built;
  const toInput = createToInput(manifest.input_references, manifest.request_values, [], undefined);
  return {
    ...{ index, revision: manifest.revision, decide: createDecide(module, data) },
    toLines(count, format) {
      const evaluate = createEvaluator(module, data);
      return Array.from({ length: count }, (_, at) =>
        toLine({ evaluate, toInput, revision: manifest.revision, grants }, at, format),
      );
    },
  };
}

interface Decided {
  readonly evaluate: Evaluate;
  readonly toInput: ToInput;
  readonly revision: string;
  readonly grants: number;
}

/** Makes the line of a decision. Of twenty requests, one has no role, one no grant, one is another customer's, and one is late. */
function toLine({ evaluate, toInput, revision, grants }: Decided, at: number, format: LogFormat): string {
  const customer = `c-${10_000 + (at % 5_003)}`;
  const kind = at % 20;
  const owner = kind === 2 ? "c-1" : customer;
  const nowS = START_S + Math.floor(at / 50);
  const claims = {
    "cognito:groups": kind === 0 ? ["Visitors"] : ["Customers"],
    "custom:customer_id": customer,
    "custom:department": "sales",
    auth_time: kind === 3 ? nowS - 90_000 : nowS - 600,
    email_verified: true,
  };
  const path = kind === 1 ? `/customers/${owner}/unknown` : `/customers/${owner}/orders${(at * 7) % grants}`;
  const input = toInput(
    {
      ...{ id: `7d8ca528-4931-4254-9273-${String(at % 5_003).padStart(12, "0")}`, kind: "user", claims },
      ...{ issuer: ISSUER, issuer_name: undefined, client_id: undefined, token_use: "access" },
    },
    {
      ...{
        api: undefined,
        api_id: "abcdef1234",
        stage: "prod",
        method: "GET",
        path,
        source_ip: `203.0.113.${at % 200}`,
      },
      ...{ client_certificate: undefined, headers: new Map(), query: new Map() },
    },
    nowS,
  );
  const evaluated = evaluate("engine/decision", input);
  const decision = evaluated.ok ? parseDecision(evaluated.value) : evaluated;
  if (!decision.ok) throw new Error(`the module decides nothing: ${decision.error}`);
  const entry = {
    decision_id: `77edd3f4-9d4b-4e2c-9e0f-${String(at).padStart(12, "0")}`,
    timestamp: new Date(nowS * 1000 + (at % 1000)).toISOString(),
    labels: { app: "rego-authorizer", api: "orders", stage: "prod", version: "7" } as const,
    revision,
    path: "engine/decision" as const,
    input,
    result: decision.value,
    metrics: { timer_server_handler_ns: 400_000 + (at % 1000) },
  };
  return formatLogEntry(entry, format).trimEnd();
}

/** Creates a policy of grants that are alike but for the last segment of their paths, each with some of five conditions. */
export function toReplayedPolicies(grants: number, conditions: number): Readonly<Record<string, string>> {
  const when = CONDITIONS.slice(0, conditions).map(([name]) => `"${name}"`);
  const rules = Array.from(
    { length: grants },
    (_, at) => `grants["read_${at}"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{customer_id}/orders${at}",
	"where": {"customer_id": "custom:customer_id"},${when.length > 0 ? `\n\t"when": {${when.join(", ")}},` : ""}
}
`,
  );
  return {
    "access/roles.rego": `package access.roles

customer := {"groups": {"Customers"}}
`,
    "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions
${conditions === 0 ? "" : "\nimport data.engine.values\n\n"}${CONDITIONS.slice(0, conditions)
  .map(([name, body]) => `${name} if ${body}\n`)
  .join("\n")}`,
    "access/orders.rego": `package access.orders\n\n${rules.join("\n")}`,
  };
}

const CONDITIONS = [
  ["signed_in_recently", "values.within(input.now_s, input.principal.claims.auth_time, 3600)"],
  ["called_from_the_office", 'net.cidr_contains("203.0.113.0/24", input.request.source_ip)'],
  ["has_a_verified_address", "input.principal.claims.email_verified == true"],
  ["works_in_sales", 'input.principal.claims["custom:department"] == "sales"'],
  ["is_a_user", 'input.principal.kind == "user"'],
] as const;
