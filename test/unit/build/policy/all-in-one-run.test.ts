import { expect, it } from "vitest";
import { formatProblems } from "../../../../build/policy/problem.ts";
import { type PolicyChecks, readPolicy } from "../../../../build/policy/read-policy.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaPath } from "../../../support/opa.ts";

/** Finds all problems in one run, each as `file:line [code]`. */
async function placesIn(
  files: Readonly<Record<string, string>>,
  checks: PolicyChecks = {},
): Promise<readonly string[]> {
  await using workspace = await createWorkspace(files);
  const policy = await readPolicy(await opaPath(), workspace.policies, { isForReview: true, ...checks });
  if (policy.ok) {
    await policy.value[Symbol.asyncDispose]();
    return [];
  }
  return formatProblems(policy.error)
    .slice(0, -1)
    .map((line) => line.replace(`${workspace.policies}/`, "").replace(/^([^:]+:\d+): .* (\[[\w.]+\])$/, "$1 $2"));
}

const TITLE = "# METADATA\n# title: Something\n";
const WITH_SCHEMA = "# schemas:\n# - input: schema.input\n";

const ROLES = `${TITLE}package access.roles

${TITLE}member := {
	"groups": {"Members"},
	"claims": {"custom:department": {"Sales"}},
}
`;

const LIBRARY = `${TITLE}${WITH_SCHEMA}package access_lib

${TITLE}within(blocks) if {
	some block in blocks
	net.cidr_contains(block, input.request.source_ip)
}

${TITLE}is_level(value) if value == 3
`;

function conditions(...rules: readonly string[]): string {
  const titled = rules.map((rule) => `${TITLE}${rule}\n`);
  return `${TITLE}${WITH_SCHEMA}package access.conditions\n\nimport data.access_lib\n\n${titled.join("\n")}`;
}

function area(name: string, ...rules: readonly string[]): string {
  return `${TITLE}package access.${name}\n\n${rules.map((rule) => `${TITLE}${rule}\n`).join("\n")}`;
}

function grant(name: string, path: string, when: string): string {
  return `grants["${name}"] := {
	"roles": {"member"},
	"verbs": {"GET"},
	"path": "${path}",
	"when": {${when}},
}`;
}

const OFFICE = "office:\n  networks:\n    - 203.0.113.0/24\n    - 198.51.100.0/25\n  mode: day\n";
const GOOD = {
  "access/roles.rego": ROLES,
  "access/lib.rego": LIBRARY,
  "access/conditions.rego": conditions(
    "in_office if access_lib.within(data.data.office.networks)",
    'of_tenant if input.params.tenant == input.principal.claims["custom:tenant"]',
    'of_tenant if "all" in input.request.headers["x-tenants"]',
    'by_day if data.data.office.mode == "day"',
  ),
  "access/tenants.rego": area(
    "tenants",
    grant("read", "/tenants/{tenant}", '"in_office", "of_tenant"'),
    // One definition of the condition needs no parameter.
    grant("list", "/tenants", '"by_day", "of_tenant"'),
  ),
  "data/office.yaml": OFFICE,
  "claims.yaml": "issuers:\n  staff:\n    - custom:department\n    - custom:tenant\n",
};

it("a policy with base data, helpers, parameters and declared claims has no problem", async () => {
  expect(await placesIn(GOOD)).toEqual([]);
});

it("all that can never match is found in one run, with titles and format", async () => {
  const route = { verb: "GET", path: "/tenants/{id}", api: undefined, file: "api.yaml", line: 1 };
  const found = await placesIn(
    {
      ...GOOD,
      "access/roles.rego": ROLES.replace("custom:department", "custom:departmnet"),
      "access/conditions.rego": conditions(
        "in_office if access_lib.within(data.data.office.networks)",
        'of_tenant if input.params.tenant == input.principal.claims["custom:tenant"]',
        'by_day if "day" in data.data.office.mode',
        'late if data.data.office.modes == "night"',
        'three if access_lib.is_level(input.principal.claims["custom:tenant"])',
        'blue if input.request.headers["x-tenant"] == input.principal.claims["custom:tenant"]',
      ),
      "access/tenants.rego": area(
        "tenant",
        grant("read", "/tenants/{tenant}", '"in_office", "of_tenant", "three", "blue"'),
        grant("list", "/tenants", '"by_day", "of_tenant", "late"'),
      ),
      "access/untitled.rego": `package access.untitled\n\ngrants["it"]   := {"roles": {"member"}, "verbs": {"GET"}, "path": "/tenants/all"}\n`,
      "data/office.yaml": OFFICE.replace("/25", "/250"),
    },
    { routes: [route] },
  );
  expect(found).toEqual([
    "access/conditions.rego:23 [data.unknown]",
    "access/conditions.rego:27 [unsatisfiable.claim_is_text]",
    "access/conditions.rego:31 [unsatisfiable.header_as_text]",
    "access/roles.rego:9 [claim.undeclared]",
    "access/tenants.rego:1 [package.other_name]",
    "access/tenants.rego:16 [rule.no_route]",
    "access/tenants.rego:16 [condition.missing_parameter]",
    "access/untitled.rego:1 [format.differs]",
    "access/untitled.rego:1 [title.package]",
    "access/untitled.rego:3 [title.rule]",
    "data/office.yaml:4 [data.address_block]",
    "data/office.yaml:5 [data.type]",
  ]);
});

it("a file with a mistake in its syntax does not hide the problems of the others", async () => {
  const found = await placesIn({
    ...GOOD,
    "access/tenants.rego": GOOD["access/tenants.rego"].replace("\n}\n", "\n"),
    "access/roles.rego": ROLES.replace(TITLE, ""),
    "access/more.rego": area("more", 'denials["it"] := {"verbs": {"GET"}, "path": "/a", "path": "/b"}'),
    "data/office.yaml": OFFICE.replace("    - 198", "   - 198"),
  });
  expect(found).toEqual([
    "access/more.rego:7 [rule.repeated_key]",
    "access/roles.rego:1 [title.package]",
    "access/tenants.rego:11 [opa.parse]",
    "data/office.yaml:4 [data.malformed]",
  ]);
});

it("a call with a wrong type does not hide the problems of other lines", async () => {
  const found = await placesIn({
    ...GOOD,
    "access/conditions.rego": GOOD["access/conditions.rego"]
      .replace('== "day"', '== "day"\n\n# METADATA\n# title: Something\nat_home if input.request.source_ip == 7')
      .replace("office.networks", "office.network"),
  });
  expect(found).toEqual(["access/conditions.rego:11 [data.unknown]", "access/conditions.rego:27 [opa.type]"]);
});

it("a claim that no issuer has is reported on its own line of a grant", async () => {
  const own = grant("read", "/tenants/{tenant}", '"in_office"').replace(
    /\}$/,
    '\t"where": {"tenant": "custom:tenat"},\n}',
  );
  const found = await placesIn({ ...GOOD, "access/tenants.rego": area("tenants", own) });
  expect(found).toContain("access/tenants.rego:12 [claim.undeclared]");
});
