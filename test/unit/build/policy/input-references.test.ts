import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Opa } from "../../../../build/opa/run.ts";
import {
  referencesOfConditions,
  referencesOfEngine,
  sortedReferences,
} from "../../../../build/policy/input-references.ts";
import { listRego, parseFile } from "../../../../build/rego/files.ts";
import type { ProblemCode } from "../../../../contract/problem-codes.ts";
import { createEngineWorkspace, type Workspace } from "../../../../dev/workspace.ts";
import { opaIn } from "../../../support/opa.ts";
import { toRuleIndex } from "../../../support/rule-index.ts";

let workspace: Workspace;
let opa: Opa;
beforeAll(async () => {
  workspace = await createEngineWorkspace({
    "access/area.rego": `package access.area

grants["it"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{id}/{rest+}", "when": {"it"}}

grants["free"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{free}"}
`,
  });
  opa = await opaIn(workspace.root);
});
afterAll(() => workspace[Symbol.asyncDispose]());

async function readsOf(conditions: string, library = "") {
  await workspace.write({
    "access/conditions.rego": `package access.conditions\n\n${conditions}\n`,
    "access/lib.rego": `package access_lib\n\n${library}\n`,
  });
  const files = (await listRego(workspace.root, "policies/access")).filter(({ part }) => part !== "test");
  return referencesOfConditions(opa, await Promise.all(files.map((file) => parseFile(opa, file))));
}

describe("the input references of conditions", () => {
  it("are the fields that they name, cut at the end of the schema", async () => {
    const { references, problems } = await readsOf(
      `import data.access_lib

it if {
	input.now_s > 3
	input.calendar["Europe/Berlin"].hour > 3
	input.principal.claims["custom:a"] == "x"
	input.principal.claims.address.city == "y"
	input.principal.kind == "user"
	input.request.headers["x-tenant"][0] == input.request.stage
	input.request.client_certificate.subject == "CN=till"
	"z" in input.request.query.page
	input.params.id == input.params.rest
	access_lib.is_ours
}

other if input.request.source_ip == "::1"`,
      `is_ours if input.principal.client_id == "ours"`,
    );
    expect(problems).toEqual([]);
    expect(sortedReferences(references)).toEqual([
      ["calendar", "Europe/Berlin", "hour"],
      ["now_s"],
      ["params", "id"],
      ["params", "rest"],
      ["principal", "claims", "address"],
      ["principal", "claims", "custom:a"],
      ["principal", "client_id"],
      ["principal", "kind"],
      ["request", "client_certificate", "subject"],
      ["request", "headers", "x-tenant"],
      ["request", "query", "page"],
      ["request", "source_ip"],
      ["request", "stage"],
    ]);
  });

  it("include the claims whose values they ask for, directly or by a helper that they use", async () => {
    const { references, ofRequest, problems } = await readsOf(
      `import data.access_lib
import data.engine.caller

it if {
	caller.has_role("staff")
	input.params.id in caller.values("custom:items")
	access_lib.is_ours
}`,
      `import data.engine.caller as me

is_ours if is_known

is_known if "x" in me.values("scope")

is_not_used if "y" in me.values("email")`,
    );
    expect(problems).toEqual([]);
    expect(references).toEqual([
      ["params", "id"],
      ["principal", "claims", "custom:items"],
      ["principal", "claims", "scope"],
      ["principal", "kind"],
    ]);
    expect(ofRequest).toEqual(new Map([["it", [["params", "id"]]]]));
  });

  it("are those of the principal alone for a condition that asks for values", async () => {
    const { references, ofRequest } = await readsOf(`it if "x" in data.engine.caller.values("custom:items")`);
    expect([references, ofRequest]).toEqual([[["principal", "claims", "custom:items"]], new Map()]);
  });

  it("are empty without conditions", async () => {
    expect(await readsOf("")).toEqual({ references: [], ofRequest: new Map(), problems: [] });
  });

  it.each<[string, string, number, ProblemCode, RegExp]>([
    [
      "the whole input",
      `it if access_lib.f(input)`,
      6,
      "input.incomplete_reference",
      /^it: reads input without naming a field of it/,
    ],
    [
      "the principal",
      `it if access_lib.f(input.principal)`,
      6,
      "input.incomplete_reference",
      /^it: reads input\.principal without naming a field/,
    ],
    [
      "all of the client's certificate",
      `it if access_lib.f(input.request.client_certificate)`,
      6,
      "input.incomplete_reference",
      /^it: reads input\.request\.client_certificate without naming a field/,
    ],
    [
      "all claims",
      `it if "x" in input.principal.claims`,
      6,
      "input.incomplete_reference",
      /^it: reads input\.principal\.claims without naming a field/,
    ],
    [
      "all parameters",
      `it if "x" in input.params`,
      6,
      "input.incomplete_reference",
      /^it: reads input\.params without naming a field/,
    ],
    [
      "all parameters of the query",
      `it if input.request.query[_][0] == "x"`,
      6,
      "input.incomplete_reference",
      /^it: reads input\.request\.query without/,
    ],
    [
      "a whole calendar",
      `it if input.calendar["Europe/Berlin"] == {"hour": 7}`,
      6,
      "input.incomplete_reference",
      /^it: reads input\.calendar\.Europe\/Berlin without naming a field/,
    ],
    [
      "a time zone that does not exist",
      `it if input.calendar["Europe/Berlyn"].hour > 7`,
      6,
      "input.unknown_time_zone",
      /^it: reads the calendar of "Europe\/Berlyn", which is not a time zone; write its IANA name/,
    ],
    [
      "the token",
      `it if input.request.headers.authorization[0] == "x"`,
      6,
      "input.token_header",
      /^it: reads the header that carries the token/,
    ],
    [
      "a header in another letter case",
      `it if input.request.headers["X-A"][0] == "x"`,
      6,
      "input.header_case",
      /^it: reads a header by a name with capital letters, but the input has all names in lower case; write "x-a"$/,
    ],
    [
      "a parameter that no path has",
      `it if input.params.ident == "x"`,
      6,
      "input.unknown_parameter",
      /no grant or denial with a condition has \{ident\}/,
    ],
    [
      "a parameter of a path whose rule has no condition",
      `it if input.params.free == "x"`,
      6,
      "input.unknown_parameter",
      /has \{free\} in its path; correct the name$/,
    ],
  ])("cause a problem with %s, at the condition that reads it", async (_, rule, line, code, message) => {
    const { references, problems } = await readsOf(
      `import data.access_lib\n\nfine if access_lib.f(input.principal.kind)\n${rule}`,
      `f(x) if x.stage == "prod"`,
    );
    expect(references).toEqual([]);
    expect(problems).toEqual([
      { code, file: "policies/access/conditions.rego", line, message: expect.stringMatching(message) },
    ]);
  });

  it("cause each problem once per condition", async () => {
    const { problems } = await readsOf(`one if {
	input.principal.claims[_] == "x"
	input.principal.claims[_] == "y"
}

two if input.principal.claims[_] == "z"`);
    expect(problems.map(({ code, line, message }) => [code, line, message.slice(0, 36)])).toEqual([
      ["input.incomplete_reference", 3, "one: reads input.principal.claims wi"],
      ["input.incomplete_reference", 8, "two: reads input.principal.claims wi"],
    ]);
  });
});

describe("the input references of the engine", () => {
  const own = [
    ["principal", "id"],
    ["principal", "issuer"],
    ["request", "method"],
    ["request", "path"],
  ];

  it("are the method, the path, and the principal's id and issuer", () => {
    expect(
      sortedReferences(
        referencesOfEngine(toRuleIndex({}, {}, { groups: {}, scopes: {}, kinds: {}, claims: {}, issuers: {} })),
      ),
    ).toEqual(own);
  });

  it("include the claims that give roles, and those that parameters equal", () => {
    const path = "/{tenant}/{id}";
    const grants = { "a.b": { path, where: { id: "sub", tenant: "custom:tenant" } }, "a.c": { path } };
    const byClaim = { claims: { level: { 3: ["r"] } }, issuers: {} };
    const roles = { groups: { G: ["r"] }, scopes: { s: ["r"] }, kinds: {}, ...byClaim };
    expect(sortedReferences(referencesOfEngine(toRuleIndex(grants, {}, roles)))).toEqual([
      ["principal", "claims", "cognito:groups"],
      ["principal", "claims", "custom:tenant"],
      ["principal", "claims", "level"],
      ["principal", "claims", "scope"],
      ["principal", "claims", "sub"],
      ["principal", "id"],
      ["principal", "issuer"],
      ["principal", "kind"],
      ["request", "method"],
      ["request", "path"],
    ]);
  });

  it("include the issuer's name and the claims of its own, if roles are tied to issuers", () => {
    const tied = { groups: {}, scopes: {}, kinds: {}, claims: { tier: { gold: ["r"] } } };
    const roles = { groups: { G: ["r"] }, scopes: {}, kinds: {}, claims: {}, issuers: { staff: tied } };
    expect(sortedReferences(referencesOfEngine(toRuleIndex({}, {}, roles)))).toEqual([
      ["principal", "claims", "cognito:groups"],
      ["principal", "claims", "tier"],
      ["principal", "id"],
      ["principal", "issuer"],
      ["principal", "issuer_name"],
      ["request", "method"],
      ["request", "path"],
    ]);
  });
});

it("sorted references have no duplicates", () => {
  expect(sortedReferences([["b"], ["a", "c"], ["b"], ["a", "b"]])).toEqual([["a", "b"], ["a", "c"], ["b"]]);
});
