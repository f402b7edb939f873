import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToCalendar } from "../../authorizer/policy/calendar.ts";
import { createEvaluator, type Evaluate } from "../../authorizer/policy/evaluator.ts";
import { readDist } from "../../build/package/dist.ts";
import { assemble } from "../../build/policy/assembly.ts";
import { runRegoTests } from "../../build/rego-tests/run.ts";
import { buildIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { opaPath } from "../support/opa.ts";

// A policy that is not the sample: of 44 grants and 7 denials, with directory attributes, machines and base data.

const TOKEN_USE = /# custom:\n# {3}token_use: id\n/;
const FOLDER = join(import.meta.dirname, "..", "fixtures", "policies", "northwind");

const NORTHWIND: Readonly<Record<string, string>> = Object.fromEntries(
  ["access", "data"].flatMap((part) =>
    readdirSync(join(FOLDER, part)).map((name) => [`${part}/${name}`, readFileSync(join(FOLDER, part, name), "utf8")]),
  ),
);

function changed(file: string, from: RegExp, to: string): Readonly<Record<string, string>> {
  const text = NORTHWIND[file] ?? "";
  expect(text).toMatch(from);
  return { ...NORTHWIND, [file]: text.replace(from, to) };
}

/** The same conditions as they were written before the language had `data.engine.caller` and `input.calendar`. */
const BY_HAND = changed(
  "access/conditions.rego",
  /in_reach if caller[\s\S]*(?=# METADATA\n# title: Break-glass access)/,
  `in_reach if {
	some group in {"Support", "PlatformAdmins", "BreakGlass"}
	group in input.principal.claims["cognito:groups"]
}

in_reach if startswith(input.principal.claims["custom:department"], "[Audit")

`,
)
  ["access/conditions.rego"]?.replace("import data.engine.caller\n", "")
  .replace(
    /on_the_project if .*/,
    'on_the_project if input.params.project_id in split(trim(input.principal.claims["custom:projects"], "[]"), ", ")',
  )
  .replace(
    /(?<=in_working_hours if \{\n)[\s\S]*?(?=\n\})/,
    "\thour := floor((input.now_s % 86400) / 3600)\n\thour >= 7\n\thour < 18",
  );

async function evaluatorOf(workspace: Workspace): Promise<Evaluate> {
  const built = await buildIn(workspace.root);
  if (!built.ok) throw new Error(built.error.join("\n"));
  const read = (name: string) => readFile(join(workspace.root, "dist", "authorizer", name));
  const module = new WebAssembly.Module(Uint8Array.from(await read("policy.wasm")));
  return createEvaluator(module, Uint8Array.from(await read("data.json")).buffer);
}

describe("conditions that ask for roles and values of the caller, and for the hour", () => {
  let workspaces: readonly Workspace[];
  let asked: Evaluate;
  let byHand: Evaluate;
  beforeAll(async () => {
    workspaces = [
      await createWorkspace(NORTHWIND),
      await createWorkspace({ ...NORTHWIND, "access/conditions.rego": BY_HAND ?? "" }),
    ];
    const [one, other] = await Promise.all(workspaces.map(evaluatorOf));
    if (one === undefined || other === undefined) throw new Error("nothing was built");
    [asked, byHand] = [one, other];
  });
  afterAll(async () => {
    for (const workspace of workspaces) await workspace[Symbol.asyncDispose]();
  });

  it("decide in the compiled module as those that took the claims apart by hand", () => {
    const project = fc.constantFrom("p1", "p2", "p3");
    const input = fc.record({
      principal: fc.record({
        kind: fc.constant("user"),
        claims: fc.record(
          {
            "cognito:groups": fc.subarray([
              "Members",
              "ProjectManagers",
              "Contractors",
              "Support",
              "BreakGlass",
              "TenantAdmins",
            ]),
            "custom:tenant": fc.constantFrom("acme", "globex"),
            "custom:projects": fc.uniqueArray(project, { minLength: 1 }).map((list) => `[${list.join(", ")}]`),
            "custom:department": fc.constantFrom("[Audit, Ops]", "[Audit]", "[Finance, Sales]", "Sales"),
            "custom:contract_end": fc.constant("2000000"),
          },
          { requiredKeys: [] },
        ),
      }),
      request: fc
        .tuple(
          fc.constantFrom("GET", "PATCH", "PUT"),
          fc.constantFrom("acme", "globex"),
          project,
          fc.constantFrom("", "/members", "/tasks/9"),
        )
        .map(([method, tenant, id, rest]) => ({ method, path: `/tenants/${tenant}/projects/${id}${rest}` })),
      now_s: fc.integer({ min: 1_036_800, max: 2_100_000 }),
    });
    const created = createToCalendar([["calendar", "UTC", "hour"]]);
    const toCalendar = created.ok ? created.value : undefined;
    const effects = { allow: 0, deny: 0 };
    fc.assert(
      fc.property(input, (drawn) => {
        const one = { ...drawn, calendar: toCalendar?.(drawn.now_s) };
        const answer = asked("engine/decision", one);
        expect(answer.ok).toBe(true);
        expect(answer).toEqual(byHand("engine/decision", one));
        effects[JSON.stringify(answer).includes('"allow"') ? "allow" : "deny"] += 1;
      }),
      { numRuns: 2000 },
    );
    // Positive controls: both effects occur.
    expect(Math.min(effects.allow, effects.deny)).toBeGreaterThan(200);
  });

  it("decide as their own Rego tests say", async () => {
    const [workspace] = workspaces;
    await using assembly = await assemble(await opaPath(), workspace?.policies ?? "");
    const { opa, wasm } = await runRegoTests(assembly);
    expect([opa.failed, wasm.failed]).toEqual([[], []]);
    expect(Math.min(opa.passed, wasm.passed)).toBeGreaterThan(5);
  });
});

describe("the denial for auditors, who are known by a directory attribute", () => {
  it("makes the authorizer refuse users' access tokens, and a notice says so unless the policy does", async () => {
    const builds = [NORTHWIND, changed("access/roles.rego", TOKEN_USE, "")].map(async (policies) => {
      await using workspace = await createWorkspace(policies);
      const built = await buildIn(workspace.root);
      return built.ok ? ([built.value.manifest.user_token_use, built.value.notices] as const) : built.error;
    });
    expect(await Promise.all(builds)).toEqual([
      ["id", []],
      [
        "id",
        [
          expect.stringMatching(
            /everywhere\.rego:\d+: everywhere\.auditors_read_only: a user whose access token lacks custom:department Audit, which only ID tokens have, escapes it through admin\.administer, which group PlatformAdmins gives; so the authorizer refuses users' access tokens; say so with `token_use: id` .* \[denial\.escaped\]$/,
          ),
          expect.stringMatching(/docs\/problems\.md/),
        ],
      ],
    ]);
  });

  it("holds for the one kind of token that is accepted, which the manifest and the revision have", async () => {
    const withoutDenial = changed(
      "access/everywhere.rego",
      /# METADATA\n# title: Whoever is an auditor[\s\S]*?\n\}\n/,
      "",
    )["access/everywhere.rego"];
    const both = { "access/everywhere.rego": withoutDenial ?? "" };
    await using one = await createWorkspace({ ...NORTHWIND, ...both });
    await using other = await createWorkspace({ ...changed("access/roles.rego", TOKEN_USE, ""), ...both });
    const built = await Promise.all([buildIn(one.root), buildIn(other.root)]);
    const manifests = built.map((result) => (result.ok ? result.value.manifest : undefined));
    expect(manifests.map((manifest) => manifest?.user_token_use)).toEqual(["id", undefined]);
    expect(new Set(manifests.map((manifest) => manifest?.revision)).size).toBe(2);
    const folders = [one, other].map(({ root }) => join(root, "dist", "authorizer"));
    const [wasm, same] = await Promise.all(folders.map((folder) => readFile(join(folder, "policy.wasm"))));
    expect(wasm?.equals(same ?? Buffer.of())).toBe(true);
    expect(readDist(join(one.root, "dist")).ok).toBe(true);
  });
});
