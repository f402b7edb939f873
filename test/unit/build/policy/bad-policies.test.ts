import { access, readdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WHERE_CODES_ARE_EXPLAINED } from "../../../../build/policy/problem.ts";
import { buildIn, createWorkspace, type Workspace } from "../../../../dev/workspace.ts";
import { checkIn } from "../../../support/checked-policies.ts";

const GOOD = {
  "access/roles.rego": `package access.roles

reader := {"groups": {"Readers"}}
`,
  "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

office if input.request.source_ip == "203.0.113.7"
`,
  "access/shop.rego": `package access.shop

grants["read"] := {"roles": {"reader"}, "verbs": {"GET"}, "path": "/items/{item}", "when": {"office"}}
`,
};

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace(GOOD);
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Writes a policy in which these files replace the valid ones or are added. */
function write(policies: Readonly<Record<string, string>>): Promise<void> {
  return workspace.write({
    ...GOOD,
    "access/more.rego": "package access.more\n",
    "access/lib.rego": "package access_lib\n",
    ...policies,
  });
}

/** Checks that policy, and returns the lines that the build would print. */
async function checkWith(policies: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await write(policies);
  return checkIn(workspace.root);
}

/** Builds that policy, and returns the lines that the build prints. */
async function buildWith(policies: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await write(policies);
  const built = await buildIn(workspace.root);
  return built.ok ? [] : built.error;
}

/** The line of a file, and the message about it. */
type Expected = readonly [where: string, message: RegExp];

function grant(rule: string): Readonly<Record<string, string>> {
  return { "access/more.rego": `package access.more\n\ngrants["it"] := ${rule}\n` };
}

function role(rule: string): Readonly<Record<string, string>> {
  return { "access/roles.rego": `package access.roles\n\nreader := {"groups": {"Readers"}}\n\n${rule}\n` };
}

function condition(rule: string): Readonly<Record<string, string>> {
  return { "access/conditions.rego": `${GOOD["access/conditions.rego"]}\n${rule}\n` };
}

const VALID = `"roles": {"reader"}, "verbs": {"GET"}, "path": "/more/{id}"`;
const MORE = "access/more.rego:3";

/** Policies with problems that `data.engine.problems` finds; its own tests have more cases of each. */
const OF_THE_ENGINE: readonly (readonly [string, Readonly<Record<string, string>>, Expected])[] = [
  [
    "an unknown role",
    grant(`{${VALID.replace('"reader"', '"redaer"')}}`),
    [MORE, /^more\.it: there is no role "redaer"; there are .*reader \[role\.unknown\]$/],
  ],
  [
    "a cycle of roles",
    role(`a := {"groups": {"A"}, "includes": {"b"}}\n\nb := {"includes": {"a"}}`),
    ["access/roles.rego:5", /^roles\.a: "a" includes "b", which leads back to it; take one out \[role\.cycle\]$/],
  ],
  ["a role that nobody can hold", role("ghost := {}"), ["access/roles.rego:5", /\[role\.out_of_reach\]$/]],
  ["the built-in role", role(`authenticated := {"groups": {"A"}}`), ["access/roles.rego:5", /\[role\.builtin\]$/]],
  [
    "groups as a claim",
    role(`boss := {"claims": {"cognito:groups": {"B"}}}`),
    [
      "access/roles.rego:5",
      /"cognito:groups" has a key of its own, with stricter rules: "groups" \[role\.misplaced_claim\]$/,
    ],
  ],
  [
    "CONNECT on a path",
    grant(`{${VALID.replace("GET", "CONNECT")}}`),
    [MORE, /whose path is "\/" \[verb\.misplaced\]$/],
  ],
  [
    "a malformed template",
    grant(`{${VALID.replace("/more/{id}", "more/")}}`),
    [MORE, /^more\.it: "more\/" is not a path template: .* \[template\.malformed\]$/],
  ],
  [
    "a parameter twice",
    grant(`{${VALID.replace("{id}", "{id}/{id}")}}`),
    [MORE, /two parameters \{id\}; give each its own name \[template\.repeated_parameter\]$/],
  ],
  [
    "an unknown verb",
    grant(`{${VALID.replace("GET", "FETCH")}}`),
    [
      MORE,
      /"FETCH" is not a verb; the verbs are ANY, CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT \[verb\.unknown\]$/,
    ],
  ],
  [
    "a misspelt key",
    grant(`{${VALID}, "wher": {"id": "sub"}}`),
    [MORE, /a grant has no key "wher"; its keys are api, path, roles, verbs, when, where \[key\.unknown\]$/],
  ],
  ["a missing key", grant(`{"roles": {"reader"}, "path": "/more"}`), [MORE, /a grant needs "verbs" \[key\.missing\]$/]],
  [
    "a wrong type",
    grant(`{${VALID.replace('{"GET"}', '["GET"]')}}`),
    [MORE, /"verbs" must be a set of strings, like \{"a", "b"\} \[type\.wrong\]$/],
  ],
  [
    "an empty set",
    grant(`{${VALID.replace('{"GET"}', "set()")}}`),
    [MORE, /"verbs" is or holds an empty set.* \[set\.empty\]$/],
  ],
  [
    "a parameter that the path lacks",
    grant(`{${VALID}, "where": {"ident": "sub"}}`),
    [MORE, /"where" names \{ident\}, which the path lacks \[where\.unknown_parameter\]$/],
  ],
  [
    "a greedy parameter in where",
    grant(`{${VALID.replace("{id}", "{id+}")}, "where": {"id": "sub"}}`),
    [MORE, /\[where\.greedy_parameter\]$/],
  ],
  [
    "unless on a grant",
    grant(`{${VALID}, "unless": {"office"}}`),
    [MORE, /a grant takes no "unless"; it lifts a denial\. .* \[key\.misplaced\]$/],
  ],
  [
    "when on a denial",
    {
      "access/more.rego": `package access.more\n\ndenials["it"] := {"verbs": {"GET"}, "path": "/x", "when": {"office"}}\n`,
    },
    [MORE, /a denial takes no "when".* \[key\.misplaced\]$/],
  ],
  [
    "where on a denial",
    {
      "access/more.rego": `package access.more\n\ndenials["it"] := {"verbs": {"GET"}, "path": "/{id}", "where": {"id": "sub"}}\n`,
    },
    [MORE, /a denial takes no "where".* \[key\.misplaced\]$/],
  ],
  [
    "a grant that never applies",
    { "access/more.rego": `package access.more\n\ndenials["it"] := {"verbs": {"ANY"}, "path": "/items/{rest+}"}\n` },
    [
      "access/shop.rego:3",
      /^shop\.read: everything that it grants is forbidden by more\.it; .* \[grant\.never_applies\]$/,
    ],
  ],
  [
    "a denial that a token without groups escapes",
    {
      "access/more.rego": `package access.more\n\ngrants["all"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/x/{id}"}\n\ndenials["it"] := {"roles": {"reader"}, "verbs": {"GET"}, "path": "/x/y"}\n`,
    },
    ["access/more.rego:5", /\[denial\.escaped\]$/],
  ],
];

/** Policies with problems that only the syntax tree shows. */
const OF_THE_SYNTAX: readonly (readonly [string, Readonly<Record<string, string>>, Expected])[] = [
  [
    "a misspelt grants",
    { "access/more.rego": `package access.more\n\ngrant["it"] := {${VALID}}\n` },
    [MORE, /^grant\["it"\] is neither grants\["…"\] nor denials\["…"\]/],
  ],
  [
    "a helper in an area",
    { "access/more.rego": `package access.more\n\nhelper := {"a"}\n` },
    [MORE, /^helper is neither grants/],
  ],
  [
    "a grant with a body",
    { "access/more.rego": `package access.more\n\ngrants["it"] := {${VALID}} if 1 == 1\n` },
    [MORE, /^write it as name := \{…\}, without a condition/],
  ],
  [
    "a denial that depends on input",
    {
      "access/more.rego": `# METADATA\n# schemas:\n# - input: schema.input\npackage access.more\n\ndenials["it"] := {"verbs": {"GET"}, "path": "/x"} if input.now_s == 1\n`,
    },
    ["access/more.rego:6", /without a condition/],
  ],
  [
    "a grant that refers to something",
    {
      "access/more.rego": `package access.more\n\nimport data.access.roles\n\ngrants["it"] := {"roles": {"reader"}, "verbs": roles.reader.groups, "path": "/x"}\n`,
    },
    ["access/more.rego:5", /^the value must be written out/],
  ],
  [
    "a grant that is made by a call",
    grant(`{"roles": {"reader"}, "verbs": {upper("get")}, "path": "/x"}`),
    [MORE, /^the value must be written out/],
  ],
  [
    "grants as a set",
    { "access/more.rego": `package access.more\n\ngrants contains "it"\n` },
    [MORE, /^write grants\["name"\] := \{…\}/],
  ],
  [
    "grants as one object",
    { "access/more.rego": `package access.more\n\ngrants := {"it": {${VALID}}}\n` },
    [MORE, /^write grants\["name"\] := \{…\}/],
  ],
  [
    "a name with a space",
    { "access/more.rego": `package access.more\n\ngrants["read it"] := {${VALID}}\n` },
    [MORE, /^write grants\["name"\] := \{…\}, where the name has letters/],
  ],
  [
    "a grant with else",
    { "access/more.rego": `package access.more\n\ngrants["it"] := {${VALID}} if {\n\tfalse\n} else := {${VALID}}\n` },
    [MORE, /without a condition/],
  ],
  [
    "a key that a denial has twice",
    {
      "access/more.rego": `package access.more\n\ndenials["it"] := {"verbs": {"GET"}, "path": "/x", "verbs": {"PUT"}}\n`,
    },
    [MORE, /^the key "verbs" is there twice, and only the last one would count; remove one \[rule\.repeated_key\]$/],
  ],
  [
    "a key that a grant has twice in another",
    grant(`{${VALID}, "where": {"id": "sub", "id": "name"}}`),
    [MORE, /^the key "id" is there twice/],
  ],
  [
    "a key that a role has twice",
    role(`writer := {"groups": {"W"}, "groups": {"V"}}`),
    ["access/roles.rego:5", /^the key "groups" is there twice/],
  ],
  [
    "a grant by two files",
    { "access/more.rego": `package access.shop\n\ngrants["read"] := {${VALID}}\n` },
    [
      "access/shop.rego:3",
      /^grants\["read"\] is defined in policies\/access\/more\.rego:3 already; rename or remove one of the two \[rule\.duplicate\]$/,
    ],
  ],
  [
    "a role by two rules",
    role(`reader := {"groups": {"R"}}`),
    [
      "access/roles.rego:5",
      /^reader is defined in policies\/access\/roles\.rego:3 already; rename or remove one of the two \[rule\.duplicate\]$/,
    ],
  ],
  [
    "a grant by default",
    { "access/more.rego": `package access.more\n\ndefault grants := {}\n` },
    [MORE, /^write grants\["name"\]/],
  ],
  ["a role by default", role(`default writer := {"groups": {"W"}}`), ["access/roles.rego:5", /without a condition/]],
  [
    "a header that is compared with a string",
    condition(`office if input.request.headers["x-client"] == "v2"`),
    ["access/conditions.rego:8", /^a header or query parameter is the list of its values/],
  ],
  [
    "a parameter that is used as a string",
    condition(`office if {\n\tpage := input.request.query.page\n\tstartswith(page, "2")\n}`),
    ["access/conditions.rego:10", /^a header or query parameter is the list of its values/],
  ],
  ...[
    'input.request.headers["x-tenant"] == input.principal.claims.tenant',
    'input.principal.claims["custom:tenant"] == input.request.query.tenant',
    'input.request.headers["x-tenant"] in input.principal.claims.tenants',
    'lower(input.request.headers["x-tenant"]) == input.principal.claims.tenant',
  ].map(
    (test) =>
      [
        `a header or query parameter that is compared with a claim: ${test}`,
        condition(`office if ${test}`),
        ["access/conditions.rego:8", /^a header or query parameter is the list of its values/],
      ] as const,
  ),
  ...[
    "input.params.shop == input.principal.claims.shop",
    "input.principal.claims.item in data.data.shops[input.params.shop]",
    "{\n\tshop := input.params.shop\n\tshop == input.principal.claims.shop\n}",
    'concat("/", ["", input.params.shop]) == input.request.path',
  ].map(
    (test) =>
      [
        `a parameter that another path has: ${test}`,
        {
          ...condition(`in_shop if ${test}`),
          "access/more.rego": `package access.more\n\ngrants["it"] := {"roles": {"reader"}, "verbs": {"GET"}, "path": "/shops/{shop}", "when": {"in_shop"}}\n\ngrants["other"] := {${VALID}, "when": {"in_shop"}}\n`,
          "data/shops.yaml": "shops:\n  north: [a]\n",
        },
        [
          "access/more.rego:5",
          /^more\.other: the condition in_shop reads input\.params\.shop, which the path [^ ]+ lacks/,
        ],
      ] as const,
  ),
  [
    "a malformed CIDR block",
    condition(`office if net.cidr_contains("203.0.113.0/33", input.request.source_ip)`),
    ["access/conditions.rego:8", /^the first operand is "[^"]*", which is not an address block/],
  ],
  [
    "a CIDR block and an address in the wrong order",
    condition(`office if net.cidr_contains("203.0.113.7", input.request.source_ip)`),
    ["access/conditions.rego:8", /^the first operand is "[^"]*", which is not an address block/],
  ],
  [
    "an IPv4 CIDR block written as IPv6",
    condition(`office if net.cidr_contains("::ffff:203.0.113.0/120", input.request.source_ip)`),
    ["access/conditions.rego:8", /^the first operand is "[^"]*", which is not an address block/],
  ],
  [
    "an unused condition with the name of a helper",
    {
      ...condition(`lonely if input.now_s == 1`),
      "access/lib.rego": `package access_lib\n\nlonely := "lonely"\n`,
    },
    ["access/conditions.rego:8", /^no grant or denial names the condition lonely/],
  ],
  [
    "a grant by two rules",
    { "access/more.rego": `package access.more\n\ngrants["it"] := {${VALID}}\n\ngrants["it"] := {${VALID}}\n` },
    [
      "access/more.rego:5",
      /^grants\["it"\] is defined in policies\/access\/more\.rego:3 already; rename or remove one of the two \[rule\.duplicate\]$/,
    ],
  ],
  ["a role with a body", role(`writer := {"groups": {"W"}} if 1 == 1`), ["access/roles.rego:5", /without a condition/]],
  [
    "a role of two parts",
    role(`staff.writer := {"groups": {"W"}}`),
    ["access/roles.rego:5", /a role is a rule with a name of one part/],
  ],
  ["an unknown condition", grant(`{${VALID}, "when": {"offise"}}`), [MORE, /^there is no condition "offise"/]],
  [
    "an unknown condition of a denial",
    {
      "access/more.rego": `package access.more\n\ndenials["it"] := {"verbs": {"GET"}, "path": "/x", "unless": {"offise"}}\n`,
    },
    [MORE, /^there is no condition "offise"/],
  ],
  [
    "an unused condition",
    condition(`lonely if input.now_s == 1`),
    ["access/conditions.rego:8", /^no grant or denial names the condition lonely/],
  ],
  [
    "a condition with another value",
    condition(`word := "yes" if input.now_s == 1`),
    ["access/conditions.rego:8", /^the condition word has another value than true/],
  ],
  [
    "a condition that is false",
    condition(`never := false`),
    ["access/conditions.rego:8", /^the condition never has another value than true/],
  ],
  [
    "a schema that covers one rule only",
    {
      "access/conditions.rego": `package access.conditions\n\n# METADATA\n# schemas:\n# - input: schema.input\noffice if input.request.source_ip == "203.0.113.7"\n`,
    },
    ["access/conditions.rego:1", /reads input without naming its schema/],
  ],
  [
    "a condition that is a set",
    condition(`words contains "yes" if input.now_s == 1`),
    ["access/conditions.rego:8", /^words can't be a condition/],
  ],
  [
    "a condition that is a function",
    condition(`is_it(x) if x == 1`),
    ["access/conditions.rego:8", /^is_it can't be a condition/],
  ],
  [
    "a condition of two parts",
    condition(`the.office if input.now_s == 1`),
    ["access/conditions.rego:8", /can't be a condition/],
  ],
  [
    "a condition named like a function",
    condition(`count if input.now_s == 1`),
    ["access/conditions.rego:8", /^count is a built-in function/],
  ],
  [
    "conditions without their schema",
    { "access/conditions.rego": `package access.conditions\n\noffice if input.request.source_ip == "203.0.113.7"\n` },
    ["access/conditions.rego:1", /^package access\.conditions reads input without naming its schema/],
  ],
  [
    "helpers without their schema",
    { "access/lib.rego": `package access_lib\n\nis_it if input.now_s == 1\n` },
    ["access/lib.rego:1", /^package access_lib reads input without naming its schema/],
  ],
  [
    "a package within an area",
    { "access/more.rego": `package access.shop.archive\n\ngrants["it"] := {${VALID}}\n` },
    ["access/more.rego:1", /^the engine does not read package access\.shop\.archive:/],
  ],
  [
    "another package",
    { "access/more.rego": `package shop\n\nx := 1\n` },
    ["access/more.rego:1", /^the engine does not read package shop:/],
  ],
  [
    "a test in an area's package",
    { "access/shop_test.rego": `package access.shop\n\ntest_it if true\n` },
    ["access/shop_test.rego:1", /^the engine does not read package access\.shop: a test is in package access_test/],
  ],
];

/** References whose field of the input can't be determined, and errors that OPA itself reports. */
const OF_OPA: readonly (readonly [string, Readonly<Record<string, string>>, Expected])[] = [
  [
    "a header by a variable",
    condition(`office if {\n\tsome name in {"a"}\n\tinput.request.headers[name][0] == "b"\n}`),
    ["access/conditions.rego:8", /^office: reads input\.request\.headers without naming a field of it/],
  ],
  [
    "all claims",
    condition(`office if "x" in input.principal.claims`),
    ["access/conditions.rego:8", /^office: reads input\.principal\.claims without naming a field/],
  ],
  [
    "the whole request as an argument of a helper",
    {
      ...condition(`office if data.access_lib.is_it(input.request)`),
      "access/lib.rego": `package access_lib\n\nis_it(request) if request.stage == "prod"\n`,
    },
    ["access/conditions.rego:8", /^office: reads input\.request without naming a field/],
  ],
  [
    "a header in capital letters",
    condition(`office if input.request.headers["X-Tenant"][0] == "b"`),
    [
      "access/conditions.rego:8",
      /^office: reads a header by a name with capital letters, but the input has all names in lower case; write "x-tenant" \[input\.header_case\]$/,
    ],
  ],
  [
    "the token",
    condition(`office if input.request.headers.authorization[0] == "b"`),
    ["access/conditions.rego:8", /^office: reads the header that carries the token/],
  ],
  [
    "a parameter that no path has",
    condition(`office if input.params.itme == "7"`),
    [
      "access/conditions.rego:8",
      /^office: reads input\.params\.itme, but no grant or denial with a condition has \{itme\}/,
    ],
  ],
  [
    "a helper without its import",
    {
      ...condition(`office if access_lib.is_it(input.now_s)`),
      "access/lib.rego": `package access_lib\n\nis_it(x) if x == 1\n`,
    },
    [
      "access/conditions.rego:8",
      /undefined function access_lib\.is_it; a file that uses helpers says `import data\.access_lib` \[opa\.undefined_function\]$/,
    ],
  ],
  [
    "a name that needs quotes",
    condition(`office if input.request.headers.x-client[0] == "v2"`),
    ["access/conditions.rego:8", /^var client is unsafe: nothing gives it a value; text is in quotes/],
  ],
  [
    "an empty file",
    { "access/more.rego": "" },
    ["access/more.rego:1", /^the file is empty; it starts with `package access\.<area>` \[opa\.parse\]$/],
  ],
  [
    "a misspelt field of the input",
    condition(`office if input.request.sourceIp == "b"`),
    ["access/conditions.rego:8", /undefined ref: input\.request\.sourceIp/],
  ],
  [
    "a mistake in the syntax",
    { "access/more.rego": `package access.more\n\ngrants["it"] := {\n` },
    ["access/more.rego:3", /^the \{ on this line is not closed; write the \} that it lacks \[opa\.parse\]$/],
  ],
  [
    "a function that WebAssembly lacks",
    condition(`office if sprintf("%d", [1]) == "1"`),
    ["access/conditions.rego:8", /^sprintf is not among the functions that policies can call/],
  ],
  [
    "an unknown function",
    condition(`office if sprint("%d", [1]) == "1"`),
    ["access/conditions.rego:8", /undefined function sprint \[opa\.undefined_function\]$/],
  ],
  [
    "an unused import",
    { "access/more.rego": `package access.more\n\nimport data.engine.values\n` },
    ["access/more.rego:3", /import data\.engine\.values unused/],
  ],
];

describe.each([
  ["the engine", OF_THE_ENGINE],
  ["the syntax tree", OF_THE_SYNTAX],
  ["OPA", OF_OPA],
])("a policy in which %s finds a problem is not built", (_, cases) => {
  it.each(cases)("%s", async (_, policies, [where, message]) => {
    const lines = await checkWith(policies);
    const said = lines
      .filter((line) => line.startsWith(`policies/${where}: `))
      .map((line) => line.slice(`policies/${where}: `.length));
    expect({ lines, said }).toEqual({ lines, said: expect.arrayContaining([expect.stringMatching(message)]) });
    await workspace.write({ "access/shop_test.rego": "package access_test.shop\n" });
  });
});

describe("a condition counts as used", () => {
  it.each([
    ["by another", `office if desk\n\ndesk if input.request.source_ip == "203.0.113.7"`, "package access_lib\n"],
    [
      "by another, under its full name",
      `office if data.access.conditions.desk\n\ndesk if input.request.source_ip == "203.0.113.7"`,
      "package access_lib\n",
    ],
    [
      "by a helper",
      `office if data.access_lib.is_in\n\ndesk if input.request.source_ip == "203.0.113.7"`,
      "package access_lib\n\nimport data.access.conditions\n\nis_in if conditions.desk\n",
    ],
  ])("%s", async (_, rules, library) => {
    const [header = ""] = GOOD["access/conditions.rego"].split("office if");
    expect(await buildWith({ "access/conditions.rego": `${header}${rules}\n`, "access/lib.rego": library })).toEqual(
      [],
    );
  });
});

describe("dist", () => {
  it("has nothing to deploy by mistake after a failed build", async () => {
    expect(await buildWith({})).toEqual([]);
    expect((await readdir(join(workspace.root, "dist"))).sort()).toEqual([
      "authorizer",
      "authorizer.zip",
      "bundle.tar.gz",
      "iam.json",
      "routes.json",
    ]);
    await buildWith(grant("{}"));
    expect(await readdir(join(workspace.root, "dist"))).toEqual([]);
  });

  it("has no incomplete package after a build with malformed key sets", async () => {
    await buildWith({});
    const built = await buildIn(workspace.root, { keySetsFile: join(workspace.root, "nowhere.json") });
    expect(built.ok ? [] : built.error).toEqual([expect.stringMatching(/^KEY_SETS=.*nowhere\.json can't be read$/)]);
    await expect(access(join(workspace.root, "dist", "authorizer"))).rejects.toThrow();
  });
});

describe("the build refuses files that OPA and the build would read differently", () => {
  beforeEach(async () => {
    await workspace[Symbol.asyncDispose]();
    workspace = await createWorkspace(GOOD);
  });
  const DENIAL = `package access.more\n\ndenials["d"] := {"verbs": {"GET"}, "path": "/x"}\n`;

  it("a symbolic link to a file", async () => {
    await workspace.write({ "../elsewhere.rego": DENIAL });
    await symlink(join(workspace.root, "elsewhere.rego"), join(workspace.root, "policies/access/more.rego"));
    expect(await buildWith({})).toEqual([
      "policies/access/more.rego:1: this is a symbolic link, which the build does not follow; put the file itself here [layout.symbolic_link]",
      WHERE_CODES_ARE_EXPLAINED,
    ]);
  });

  it("a symbolic link to a folder", async () => {
    await workspace.write({ "../elsewhere/more.rego": DENIAL });
    await symlink(join(workspace.root, "elsewhere"), join(workspace.root, "policies/access/more"));
    expect(await buildWith({})).toEqual([
      expect.stringMatching(/^policies\/access\/more:1: this is a symbolic link/),
      WHERE_CODES_ARE_EXPLAINED,
    ]);
  });

  it("a symbolic link as the folder of policies", async () => {
    await rename(join(workspace.root, "policies/access"), join(workspace.root, "elsewhere"));
    await symlink(join(workspace.root, "elsewhere"), join(workspace.root, "policies/access"));
    const built = await buildIn(workspace.root);
    expect(built.ok ? [] : built.error).toEqual([
      expect.stringMatching(/^policies\/access:1: this is a symbolic link/),
      WHERE_CODES_ARE_EXPLAINED,
    ]);
  });

  it.each([
    [
      "a name in capital letters",
      "access/more.REGO",
      DENIAL,
      /the build does not read this file: the name of a policy ends in \.rego/,
    ],
    ["another ending", "access/more.rego.txt", DENIAL, /the build does not read this file/],
    [
      "a folder that is named like a test",
      "access/x_test.rego/more.rego",
      DENIAL,
      /this is a folder with the name of a policy/,
    ],
    ["grants as data", "access/more.json", "{}", /grants, denials and roles are Rego, not data/],
    ["data beside the policies", "limits.yaml", "a: 1", /base data that conditions read belongs in data\//],
    ["base data of another kind", "data/limits.toml", "a = 1", /base data is in files that end in/],
    [
      "base data that is null",
      "data/limits.json",
      '{"a": {"b": [null]}}',
      /^policies\/data\/limits\.json:1: data\.data\.a\.b\[0\] is null/,
    ],
    [
      "base data that is empty",
      "data/limits.json",
      '{"a": ""}',
      /^policies\/data\/limits\.json:1: data\.data\.a is null or an empty string/,
    ],
    ["base data that is not JSON", "data/limits.json", '{"a": }', /^policies\/data\/limits\.json:1: /],
    ["base data that is not YAML", "data/limits.yaml", "a: [", /^policies\/data\/limits\.yaml:1: /],
  ])("%s", async (_, file, text, message) => {
    expect(await checkWith({ [file]: text })).toEqual([expect.stringMatching(message), WHERE_CODES_ARE_EXPLAINED]);
  });

  it.each(["access/.more.rego.swp", "access/more.rego~", "access/#more.rego#", "access/README.md", "data/README.md"])(
    "but ignores %s",
    async (file) => {
      expect(await buildWith({ [file]: "anything" })).toEqual([]);
    },
  );

  it("a missing policy", async () => {
    await rm(join(workspace.root, "policies/access"), { recursive: true });
    const built = await buildIn(workspace.root);
    expect(built.ok ? [] : built.error).toEqual([
      expect.stringMatching(/^policies\/access:1: this folder does not exist/),
      WHERE_CODES_ARE_EXPLAINED,
    ]);
  });

  it("a policy without a grant", async () => {
    await rm(join(workspace.root, "policies/access"), { recursive: true });
    await workspace.write({ "access/roles.rego": GOOD["access/roles.rego"] });
    const built = await buildIn(workspace.root);
    expect(built.ok ? [] : built.error).toEqual([
      "policies/access:1: the policy has no grant, so every request would be denied; write a grant in an area [grant.missing]",
      WHERE_CODES_ARE_EXPLAINED,
    ]);
  });
});
