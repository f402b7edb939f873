import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { opaIn } from "../support/opa.ts";
import { toRego } from "../support/rego.ts";

/** The codes of problems that one rule has by itself; a schema can't express more. */
const OF_FORM = [
  "key.unknown",
  "key.misplaced",
  "key.missing",
  "type.wrong",
  "set.empty",
  "verb.unknown",
  "template.malformed",
  // The schema has no greedy path and no CONNECT.
  "public.greedy",
  "public.connect",
  "invariant.malformed",
];

const names = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 });
const someNames = (...keys: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...keys), names, { minKeys: 1, noNullPrototype: true });
const path = fc.constantFrom(
  ...["/", "/a", "/a/b", "/{id}", "/{a}/x/{b}", "/{rest+}", "/a/{rest+}", "/files+", "/a.b", "/...", "/..a", "/.a"],
  ...["/a:b", "/caf\u00e9", "/a b", "/.:a", "/ a", "/a ", "/{a-b.c_1}"],
);
const verbs = fc.uniqueArray(fc.constantFrom("ANY", "CONNECT", "GET", "PUT"), { minLength: 1, maxLength: 2 });
const where = fc.dictionary(fc.constantFrom("id", "a"), fc.constantFrom("sub", "custom:id"), {
  minKeys: 1,
  noNullPrototype: true,
});

const methods = fc.uniqueArray(fc.constantFrom("ANY", "GET", "PUT"), { minLength: 1, maxLength: 2 });
const who = fc.oneof(
  fc.record({ roles: names, groups: names, scopes: names }, { requiredKeys: ["roles"] }),
  fc.record({ claims: someNames("level", "custom:a"), issuers: names, kinds: names }, { requiredKeys: ["claims"] }),
  fc.constantFrom<unknown>({}, { issuers: ["a"] }, { kinds: ["user"] }, { kinds: ["robot"] }, { group: ["a"] }, ["a"]),
  fc.constantFrom<unknown>({ groups: [] }, { claims: {} }, { claims: { scope: ["a"] } }, { claims: { level: "a" } }),
);

/** Valid rules of each kind, or almost valid ones. */
const VALID = {
  grant: fc.record({ roles: names, verbs, path, where, when: names }, { requiredKeys: ["roles", "verbs", "path"] }),
  denial: fc.record({ verbs, path, roles: names, unless: names }, { requiredKeys: ["verbs", "path"] }),
  public_rule: fc.record(
    { verbs, path: fc.constantFrom("/", "/a", "/a/b", "/{id}", "/{a}/x/{b}", "/a/{id}"), api: names },
    { requiredKeys: ["verbs", "path"] },
  ),
  role: fc.record(
    { groups: names, scopes: names, claims: someNames("level", "custom:a"), includes: names },
    { requiredKeys: [] },
  ),
  invariant: fc.record({ never: who, verbs: methods, path, api: names }, { requiredKeys: ["never", "verbs", "path"] }),
};

const keys = [
  "roles",
  "verbs",
  "path",
  "where",
  "when",
  "unless",
  "groups",
  "scopes",
  "claims",
  "includes",
  "api",
  "despite",
  "never",
  "only",
  "requires",
  "whatever_else",
  "role",
  "group",
];
const badPaths = [
  "",
  "a",
  "//",
  "/a/",
  "/a//b",
  "/.",
  "/a/..",
  "/{}",
  "/{+}",
  "/{a",
  "/a}",
  "/x{a}",
  "/{a}x",
  "/{rest+}/a",
];
const worsePaths = ["/{a b}", "/*", "/a?b", "/a#b", "/a;b", "/%41", "/a\\b", "/a\nb", "/a\u007f", "/a\u0085", "/:id"];
const value = fc.oneof(
  fc.constantFrom<unknown>(...badPaths, ...worsePaths),
  fc.constantFrom<unknown>("GET", 7, null, true, {}, [], [""], ["a", 7], [null], ["a"], ["get"], ["GET"], ["TRACE"]),
  fc.constantFrom<unknown>(
    { id: "sub" },
    { id: "" },
    { "": "sub" },
    { id: 7 },
    { id: ["a"] },
    { "": ["a"] },
    { id: [] },
    { id: [7] },
  ),
);

/** Generates a change of one key of a rule: missing, or with a value of any kind. */
const change = fc.tuple(fc.constantFrom(...keys), fc.option(value, { nil: undefined }));

function changed(rule: object, changes: readonly (readonly [string, unknown])[]): object {
  const entries = Object.entries({ ...rule, ...Object.fromEntries(changes) });
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

const RULES = 800;

/** The place of each kind of rule in a policy. */
const PLACES = {
  grant: ["area", "grants"],
  denial: ["area", "denials"],
  public_rule: ["area", "public"],
  role: ["roles"],
  invariant: ["invariants", "invariants"],
};

it.each(["grant", "denial", "public_rule", "role", "invariant"] as const)(
  "the schema of a %s and the engine find the same rules wrong",
  async (kind) => {
    const validate = new Ajv({ strict: false }).compile(
      JSON.parse(await readFile(`policies/schemas/${kind}.json`, "utf8")),
    );
    const valid = VALID[kind] as fc.Arbitrary<object>;
    const rules: readonly unknown[] = [
      ...fc.sample(fc.constantFrom<unknown>(7, "x", null, true, ["a"]), 5),
      ...fc.sample(
        fc.tuple(valid, fc.array(change, { maxLength: 2 })).map(([rule, changes]) => changed(rule, changes)),
        RULES - 5,
      ),
    ];

    await using workspace = await createEngineWorkspace({});
    const access = (rule: unknown) =>
      PLACES[kind].reduceRight<string>((inner, name) => `{"${name}": ${inner}}`, `{"it": ${toRego(rule)}}`);
    const cases = rules.map((rule) => `\tcodes with data.access as ${access(rule)}`.trim());
    const module = [
      "package cases",
      "codes := {problem.code | some problem in data.engine.problems}",
      ...cases.map((text, at) => `found[${at}] := result if result := ${text}`),
      "",
    ].join("\n\n");
    await writeFile(join(workspace.root, "cases.rego"), module);
    const { stdout, stderr } = await (await opaIn(workspace.root))(
      "eval",
      "--format",
      "raw",
      "--data",
      "policies/engine",
      "--data",
      "cases.rego",
      `[data.cases.found[at] | some at in numbers.range(0, ${RULES - 1})]`,
    );
    const found = JSON.parse(stdout || stderr) as readonly (readonly string[])[];

    let accepted = 0;
    for (const [at, rule] of rules.entries()) {
      const codes = found[at]?.filter((code) => OF_FORM.includes(code)) ?? ["undefined"];
      expect({ rule, valid: validate(rule) }).toEqual({ rule, valid: codes.length === 0 });
      if (codes.length === 0) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(RULES / 10);
    expect(accepted).toBeLessThan(RULES - RULES / 10);
  },
);
