import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compareAccess } from "../../../analysis/access/changes.ts";
import { toAccessPolicy } from "../../../analysis/compare/access-policy.ts";
import { createEvaluator, type Evaluate } from "../../../authorizer/policy/evaluator.ts";
import { compileShipped } from "../../../build/package/compile.ts";
import { type CheckedPolicy, readPolicy } from "../../../build/policy/read-policy.ts";
import { createWorkspace, type Workspace } from "../../../dev/workspace.ts";
import { readLines } from "../../../replay/read-lines.ts";
import { compileUsed } from "../../../tighten/compile-used.ts";
import { createFindRoute } from "../../../tighten/find-route.ts";
import { openDecisionLog } from "../../../tighten/open-log.ts";
import { createLogUse, type UsedPolicy } from "../../../tighten/read-use.ts";
import { tighten } from "../../../tighten/tighten.ts";
import { createLogger, inputOf, type LoggedRequest } from "../../support/decision-lines.ts";
import { opaPath } from "../../support/opa.ts";

/** The dots are characters that OPA counts as one, and JavaScript as two. */
const ORDERS = `# METADATA
# title: Orders
package access.orders

# METADATA
# title: Customers read their own orders 😀
grants["read_own"] := {
	"roles": {"customer"},
	"verbs": {"ANY"},
	"path": "/customers/{customer_id}/{proxy+}",
	"where": {"customer_id": "custom:customer_id"},
}

# This comment stays.

# METADATA
# title: Support reads
grants["read"] := {
	"roles": {
		"customer", # until customers have their own page
		"support",
		"auditor",
	},
	"verbs": {"GET", "HEAD"}, # 😀
	"path": "/orders/{proxy+}",
}

# METADATA
# title: Support refunds
grants["refund"] := {
	"roles": {"support"},
	"verbs": {"POST"},
	"path": "/orders/{order_id}/refunds",
	"when": {"signed_in_recently"},
}

# METADATA
# title: Nobody reads the archive from outside
denials["archive"] := {
	"verbs": {"GET"},
	"path": "/orders/archive",
	"unless": {"in_the_office"},
}
`;

const POLICIES = {
  "access/orders.rego": ORDERS,
  "access/roles.rego": `# METADATA
# title: Roles
package access.roles

# METADATA
# title: Customers
customer := {"groups": {"Customers"}}

# METADATA
# title: Support
support := {"groups": {"Support"}, "includes": {"auditor"}}

# METADATA
# title: Auditors
auditor := {"claims": {"custom:department": {"Audit"}}}
`,
  "access/conditions.rego": `# METADATA
# title: Conditions
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

# METADATA
# title: Signed in within the last hour
signed_in_recently if values.within(input.now_s, input.principal.claims.auth_time, 3600)

# METADATA
# title: Called from the office
in_the_office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)
`,
};

const CUSTOMER: LoggedRequest = {
  claims: { "cognito:groups": ["Customers"], "custom:customer_id": "42" },
  method: "GET",
  path: "/customers/42/orders",
};
const SUPPORT: LoggedRequest = { claims: { "cognito:groups": ["Support"] }, method: "GET", path: "/orders/7" };
const AUDITOR: LoggedRequest = { ...SUPPORT, claims: { "custom:department": "Audit" } };
const REFUND: LoggedRequest = {
  claims: { "cognito:groups": ["Support"], auth_time: 1_795_611_900 },
  method: "POST",
  path: "/orders/7/refunds",
};

let workspace: Workspace;
let policy: CheckedPolicy;
let used: UsedPolicy;
let module: WebAssembly.Module;
let log: ReturnType<typeof createLogger>;
let copies = 0;

beforeAll(async () => {
  workspace = await createWorkspace(POLICIES);
  const read = await readPolicy(await opaPath(), workspace.policies);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  policy = read.value;
  used = await compileUsed(policy, undefined);
  module = await compileShipped(policy);
  log = createLogger(evaluatorOf(policy), [...used.revisions][0] ?? "");
});

afterAll(async () => {
  await policy[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

function evaluatorOf({ data }: CheckedPolicy): Evaluate {
  return createEvaluator(module, Uint8Array.from(Buffer.from(data)).buffer);
}

async function propose(text: string, findRoute?: ReturnType<typeof createFindRoute>) {
  const use = createLogUse({ ...used, findRoute });
  await readLines(Readable.from([Buffer.from(text)]), (line) => use.add(line, "decisions.log"));
  return tighten({
    ...{ policy, log: use, files: ["decisions.log"], revisions: used.revisions },
    policies: workspace.policies,
    access: toAccessPolicy(policy),
    hasRoutes: findRoute !== undefined,
    compare: compareAccess,
    folder: join(workspace.root, `copy-${copies++}`),
    place: { folder: ".", isRepository: true, nameOf: (file) => file.replace(`${workspace.root}/`, "") },
  });
}

async function reported(text: string, findRoute?: ReturnType<typeof createFindRoute>) {
  const report = await propose(text, findRoute);
  if (!report.ok) throw new Error(report.error.join("\n"));
  return report.value;
}

/** Applies a patch to a copy of the policies with git, and reads it as the build does. */
async function applied(patch: string) {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-"));
  await cp(workspace.policies, join(folder, "policies"), { recursive: true });
  await writeFile(join(folder, "all.patch"), patch);
  execFileSync("git", ["apply", "all.patch"], {
    cwd: folder,
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
  });
  const read = await readPolicy(await opaPath(), join(folder, "policies"), { isForReview: true });
  const text = async (file: string) => readFile(join(folder, "policies", file), "utf8");
  const files = { orders: await text("access/orders.rego"), conditions: await text("access/conditions.rego") };
  await rm(folder, { recursive: true });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return { policy: read.value, ...files };
}

it("drops the grants, roles and verbs that no logged decision used, and keeps every comment that is not about them", async () => {
  const report = await reported([log(CUSTOMER), log(SUPPORT, 1), log(AUDITOR, 2)].join(""));
  expect(report.proposals.map(({ grant, kind, change, flips }) => [grant, kind, change, flips])).toEqual([
    ["orders.read", "drop roles", "drop the role customer: no logged decision of the grant needed it", 0],
    ["orders.read", "drop verbs", "drop the verb HEAD: no logged decision of the grant had it", 0],
    [
      ...["orders.read_own", "drop verbs"],
      "drop the verbs DELETE, HEAD, OPTIONS, PATCH, POST, PUT: no logged decision of the grant had it",
      0,
    ],
    ["orders.refund", "drop grant", "drop the grant: no logged decision used it", 0],
  ]);
  expect(report.proposals.at(-1)?.unnamed_conditions).toEqual(["signed_in_recently"]);
  expect(report.together.flips).toBe(0);
  const { orders, conditions, policy: patched } = await applied(report.together.patch);
  await patched[Symbol.asyncDispose]();
  expect(orders).toBe(
    ORDERS.replace(`"verbs": {"ANY"}`, `"verbs": {"GET"}`)
      .replace(`		"customer", # until customers have their own page\n`, "")
      .replace(`{"GET", "HEAD"}, # 😀`, `{"GET"}, # 😀`)
      .replace(/# METADATA\n# title: Support refunds[^}]*}[^}]*}[^}]*}[^}]*}[^}]*}\n\n/, ""),
  );
  expect(conditions).not.toMatch(/signed_in_recently|import/);
  expect(conditions).toContain("in_the_office");
});

it("gives each proposal a patch of its own, with which the policy builds", async () => {
  const report = await reported([log(CUSTOMER), log(SUPPORT, 1), log(AUDITOR, 2)].join(""));
  const refund = report.proposals.find(({ grant }) => grant === "orders.refund");
  const { policy: patched, orders } = await applied(refund?.patch ?? "");
  await patched[Symbol.asyncDispose]();
  expect(Object.keys(patched.index.grants).sort()).toEqual(["orders.read", "orders.read_own"]);
  expect(orders).toContain(`{"GET", "HEAD"}, # 😀`);
});

it("replaces a path by the documented routes that were used, with the parameters that the grant reads", async () => {
  const routes = [
    "/customers/{id}/orders",
    "/customers/{id}/orders/{order_id}",
    "/orders/{order_id}",
    "/orders/{order_id}/notes",
  ];
  const findRoute = createFindRoute(
    routes.map((path) => ({ verb: "GET", path, api: undefined, file: "openapi.yaml", line: 1 })),
  );
  const lines = [
    log(CUSTOMER),
    log({ ...CUSTOMER, path: "/customers/42/orders/9" }, 1),
    log(SUPPORT, 2),
    log(REFUND, 3),
  ];
  const report = await reported(lines.join(""), findRoute);
  const narrowed = report.proposals.filter(({ kind }) => kind === "narrow path");
  expect(narrowed.map(({ grant, change }) => [grant, change])).toEqual([
    ["orders.read", "replace the path by /orders/{order_id}: all logged decisions of the grant were there"],
    [
      "orders.read_own",
      "replace the path by /customers/{customer_id}/orders and /customers/{customer_id}/orders/{order_id}: all logged decisions of the grant were there",
    ],
  ]);
  const { policy: patched } = await applied(report.together.patch);
  const { grants } = patched.index;
  await patched[Symbol.asyncDispose]();
  expect(Object.keys(grants).sort()).toEqual(["orders.read", "orders.read_own", "orders.read_own_2", "orders.refund"]);
  expect(grants["orders.read_own_2"]).toMatchObject({
    path: "/customers/{customer_id}/orders/{order_id}",
    where: { customer_id: "custom:customer_id" },
    verbs: ["GET"],
  });
  // One request to a path that no document has, and nobody knows which route it used.
  const unknown = await reported([...lines, log({ ...SUPPORT, path: "/orders/7/lines/1" }, 4)].join(""), findRoute);
  expect(unknown.proposals.flatMap(({ kind, grant }) => (kind === "narrow path" ? [grant] : []))).toEqual([
    "orders.read_own",
  ]);
});

it("decides every logged request of generated logs as before, and nothing that was denied is allowed", async () => {
  const claims = fc
    .subarray(["Customers", "Support"])
    .chain((groups) =>
      fc
        .constantFrom(
          {},
          { "custom:customer_id": "42" },
          { "custom:department": "Audit" },
          { auth_time: 1_795_611_900 },
        )
        .map((more): Readonly<Record<string, unknown>> => ({ "cognito:groups": groups, ...more })),
    );
  const request = fc.record({
    claims,
    method: fc.constantFrom("GET", "HEAD", "POST", "DELETE"),
    path: fc.constantFrom(
      "/customers/42/orders",
      "/customers/43/x",
      "/orders/7",
      "/orders/archive",
      "/orders/7/refunds",
    ),
  });
  const logs = fc.sample(fc.array(request, { minLength: 3, maxLength: 12 }), { seed: 7, numRuns: 2 });
  const all = fc.sample(request, { seed: 8, numRuns: 300 });
  for (const requests of logs) {
    const report = await reported([log(CUSTOMER, 99), ...requests.map((one, at) => log(one, at))].join(""));
    const { policy: patched } = await applied(report.together.patch);
    const [before, after] = [evaluatorOf(policy), evaluatorOf(patched)];
    await patched[Symbol.asyncDispose]();
    const effect = (evaluate: Evaluate, one: LoggedRequest) => {
      const evaluated = evaluate("engine/decision", inputOf(one));
      return evaluated.ok ? (evaluated.value as { result: { effect: string } }[])[0]?.result.effect : undefined;
    };
    expect(report.proposals.length).toBeGreaterThan(0);
    expect(requests.map((one) => effect(after, one))).toEqual(requests.map((one) => effect(before, one)));
    const opened = all.filter((one) => effect(before, one) === "deny" && effect(after, one) === "allow");
    const closed = all.filter((one) => effect(before, one) === "allow" && effect(after, one) === "deny");
    expect([opened, closed.length > 0]).toEqual([[], true]);
  }
});

it("counts the lines that it can't use, by reason, and decides those of other revisions again", async () => {
  const entry = JSON.parse(log(SUPPORT, 0, {}, "opa")) as Record<string, unknown>;
  const { revision, ...ofOpa } = entry;
  const opa = (changes: object) =>
    `${JSON.stringify({ ...ofOpa, labels: { id: "1" }, bundles: { access: { revision } }, ...changes })}\n`;
  const text = [
    log(SUPPORT),
    log({ ...SUPPORT, path: "/nothing" }),
    log(REFUND, 1, { revision: "an older one" }),
    log(CUSTOMER, 2, { labels: { app: "rego-authorizer", mode: "report" } }),
    // Another revision has allowed what this one does not.
    log(SUPPORT, 3, { revision: "an older one" }).replace("GET /orders/7", "GET /old"),
    opa({ input: inputOf(AUDITOR) }),
    `[${opa({}).trim()},${opa({ path: "engine/explanation" }).trim()}]\n`,
    opa({ masked: ["/input/principal/claims"] }),
    opa({ erased: ["/input/principal/id"] }),
    opa({ result: undefined, error: { code: "internal" } }),
    "START RequestId: 1 Version: 3\n",
    `{"level": "info"}\n`,
    "[]\n",
    '{"decision_id": "cut o',
  ].join("");
  const report = await reported(text);
  expect(report.decisions).toEqual({ allowed: 5, denied: 1, other_revisions: { "an older one": 1 }, report_only: 1 });
  expect(report.not_used.map(({ code, count, first }) => [code, count, first.line])).toEqual([
    ["line.not_replayed", 1, 5],
    ["line.other_entry_point", 1, 7],
    ["line.masked", 1, 8],
    ["line.fault", 1, 10],
    ["line.not_json", 2, 11],
    ["line.not_a_decision", 2, 12],
  ]);
  expect(report.proposals.map(({ grant }) => grant)).not.toContain("orders.refund");
  expect(report.notes[0]).toContain("report-only");
});

it.each([
  ["an empty log", () => "", "the log is empty; give tighten lines of the decision log"],
  ["a foreign log", () => "a\nb\n", "none of 2 lines is a decision that this policy can use"],
  [
    "a log without an Allow",
    () => log({ ...SUPPORT, path: "/x" }),
    "no line of the log shows that the policy allowed a request",
  ],
  [
    "a log of per-token policy documents",
    () =>
      log(SUPPORT) + log(SUPPORT, 1, { path: "engine/entitlements", result: { grants: ["orders.read"], denials: [] } }),
    "decisions.log:2 is of a per-token policy document",
  ],
])("proposes nothing from %s, and says why", async (_name, text, reason) => {
  const report = await propose(text());
  expect(report.ok ? "" : report.error[0]).toContain(reason);
});

it("reads standard input, packed by gzip or not", async () => {
  for (const bytes of [Buffer.from("a\nb\n"), gzipSync("a\nb\n")]) {
    const stream = await openDecisionLog(
      "-",
      Readable.from([bytes.subarray(0, 3), bytes.subarray(3)], { objectMode: false }),
    );
    const lines: unknown[] = [];
    if (stream.ok) await readLines(stream.value, ({ text }) => lines.push(text));
    expect(lines).toEqual(["a", "b"]);
  }
});
