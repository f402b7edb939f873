import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccess } from "../../../../analysis/access/access.ts";
import { createBudget } from "../../../../analysis/access/budget.ts";
import { createField } from "../../../../analysis/access/field.ts";
import type { Access, AccessPolicy } from "../../../../analysis/access/model.ts";
import { createVariables, pairConditions } from "../../../../analysis/access/variables.ts";
import { formatWho } from "../../../../analysis/access/who.ts";
import { toAccessPolicy } from "../../../../analysis/compare/access-policy.ts";
import { cellAt } from "../../../../analysis/matrix/cells.ts";
import { formatMarkdown } from "../../../../analysis/matrix/documents.ts";
import { toMatrix } from "../../../../analysis/matrix/matrix.ts";
import type { Matrix, MatrixBy, MatrixRoute } from "../../../../analysis/matrix/model.ts";
import { listRulePaths } from "../../../../analysis/matrix/row-paths.ts";
import { formatText } from "../../../../analysis/matrix/text.ts";
import { formatMay, listWhoMay, toJsonMay } from "../../../../analysis/matrix/who-may.ts";
import { createExplain, type Explain, type Explanation } from "../../../../analysis/requests/explanation.ts";
import { compileShipped } from "../../../../build/package/compile.ts";
import { type CheckedPolicy, readPolicy } from "../../../../build/policy/read-policy.ts";
import type { EngineInput } from "../../../../contract/engine-input.ts";
import { methodsOfAll } from "../../../../contract/route.ts";
import { foundOpa } from "../../../../dev/found-opa.ts";
import { createWorkspace, type Workspace } from "../../../../dev/workspace.ts";
import { PRINCIPALS, toAccessPolicyOf } from "./written-policy.ts";

// A policy that is not the sample, with denials for roles and conditions; the engine that ships is the oracle.
const FOLDER = join(import.meta.dirname, "..", "..", "..", "fixtures", "policies", "northwind");
const NORTHWIND = Object.fromEntries(
  ["access", "data"].flatMap((part) =>
    readdirSync(join(FOLDER, part)).map((name) => [`${part}/${name}`, readFileSync(join(FOLDER, part, name), "utf8")]),
  ),
);

let workspace: Workspace;
let policy: CheckedPolicy;
let access: AccessPolicy;
let explain: Explain;

beforeAll(async () => {
  workspace = await createWorkspace(NORTHWIND);
  const opa = await foundOpa();
  if (!opa.ok) throw new Error(opa.error);
  const read = await readPolicy(opa.value, workspace.policies);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  policy = read.value;
  access = toAccessPolicy(policy);
  explain = createExplain(await compileShipped(policy), policy.data);
}, 120_000);
afterAll(async () => {
  await policy[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

function made(by: MatrixBy, from: AccessPolicy = access, routes?: readonly MatrixRoute[], api?: string): Matrix {
  const matrix = toMatrix(from, by, api, routes);
  if (!matrix.ok) throw new Error(matrix.error.code);
  return matrix.value;
}

/** Makes the access that an explanation shows, if all conditions may be true or not, except those that ask for roles. */
function accessOf({ grants, denials }: Explanation, asksForRoles: (condition: string) => boolean): Access {
  const failed = (truths: Readonly<Record<string, boolean>>) =>
    Object.keys(truths).some((name) => asksForRoles(name) && truths[name] === false);
  const held = Object.values(grants).filter(({ roles, when }) => Object.values(roles).includes(true) && !failed(when));
  const concerned = Object.values(denials).filter(({ roles, unless }) => {
    const isFor = Object.keys(roles).length === 0 || Object.values(roles).includes(true);
    const isLifted =
      Object.keys(unless).length > 0 && Object.keys(unless).every((name) => asksForRoles(name)) && !failed(unless);
    return isFor && !isLifted;
  });
  const isFinal = concerned.some(({ unless }) => Object.keys(unless).length === 0 || failed(unless));
  if (held.length === 0 || isFinal) return concerned.length > 0 ? "denied" : "none";
  const open = concerned.flatMap(({ unless }) => Object.keys(unless).filter((name) => !asksForRoles(name)));
  const asked = held.map(({ where, when }) => ({
    own: Object.keys(where).length,
    conditions: [...Object.keys(when).filter((name) => !asksForRoles(name)), ...open].length,
  }));
  if (asked.some(({ own, conditions }) => own + conditions === 0)) return "allow";
  return asked.some(({ conditions }) => conditions === 0) ? "own" : "conditional";
}

describe("the matrix of a whole policy", () => {
  it("has for every principal and path the access that the engine's explanation shows", () => {
    const asksForRoles = (name: string) => access.conditions[name]?.roles !== undefined;
    const whos = new Map(createAccess(access).whos.map((who) => [formatWho(who), who]));
    const matrix = made("area");
    const wrong: string[] = [];
    const seen = new Map<Access, number>();
    for (const row of matrix.rows) {
      // A parameter gets a segment that no rule names, a greedy one more of them than any template has.
      const fresh = row.segments.map((text, at) => text ?? `fresh${at}`);
      const path = `/${[...fresh, ...(row.path.endsWith("{+}") ? "abcdefghi" : "")].join("/")}`;
      for (const [place, name] of matrix.subjects.entries()) {
        const who = whos.get(name);
        const [method = ""] = methodsOfAll(row.verbs);
        if (who === undefined) throw new Error(name);
        const claims = Object.fromEntries(
          who.atoms.flatMap((atom): (readonly [string, unknown])[] => {
            if (atom.by === "group") return [["cognito:groups", [atom.value]]];
            if (atom.by === "scope") return [["scope", atom.value]];
            return atom.by === "claim" ? [[atom.claim, atom.value]] : [];
          }),
        );
        const kind =
          who.atoms.find((atom) => atom.by === "kind")?.value ??
          (Object.hasOwn(claims, "scope") ? "machine" : undefined);
        const principal = {
          claims,
          ...(kind !== undefined && { kind }),
          ...(who.issuer !== undefined && { issuer_name: who.issuer }),
        };
        const input = { principal, request: { method, path } } as EngineInput;
        const cell = cellAt(row, place).access;
        const expected = accessOf(explain(input), asksForRoles);
        seen.set(expected, (seen.get(expected) ?? 0) + 1);
        if (cell !== expected) wrong.push(`${name} ${method} ${row.path}: ${cell}, and the engine says ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
    // The policy has each kind of access, so that none agrees for lack of cases.
    for (const one of ["none", "allow", "conditional", "denied"] as const) expect(seen.get(one)).toBeGreaterThan(20);
  });

  it("fits a terminal of 100 columns", () => {
    for (const by of ["role", "group", "area"] as const) {
      const long = formatText([made(by)])
        .split("\n")
        .filter(({ length }) => length > 100);
      expect(long).toEqual([]);
    }
  });
});

describe("the matrix of a small policy", () => {
  const small = () => toAccessPolicyOf(PRINCIPALS);
  const rowsOf = (matrix: Matrix) =>
    matrix.rows.map((row) => [
      `${row.verbs.join(",")} ${row.path}`,
      ...matrix.subjects.map((name, place) => `${name}: ${cellAt(row, place).access}`),
    ]);

  it("has a row for each path, and one where a denial meets a grant", () => {
    expect(rowsOf(made("group", small()))).toEqual([
      ["GET /health", "authenticated: public", "group A: public", "group B: public"],
      ["DELETE /o/x", "authenticated: denied", "group A: denied", "group B: denied"],
      ["GET /o/x", "authenticated: none", "group A: allow", "group B: own"],
      ["DELETE /o/{}", "authenticated: none", "group A: allow", "group B: none"],
      ["GET /o/{}", "authenticated: none", "group A: allow", "group B: own"],
      ["DELETE /{}/x", "authenticated: denied", "group A: denied", "group B: denied"],
    ]);
  });

  it("has a cell for whoever holds a role that a condition asks for, and for both together", () => {
    const written = toAccessPolicyOf(PRINCIPALS);
    const no = written.denials["a.no"];
    const isB = { digest: "sha256:0", text: "is_b", params: [], roles: [{ has: ["b"], lacks: [] }] };
    const lifted = no && { ...written, denials: { "a.no": { ...no, unless: ["is_b"] } }, conditions: { is_b: isB } };
    const rows = rowsOf(made("group", lifted)).filter(([head]) => head === "DELETE /o/x");
    expect(rows).toEqual([
      ["DELETE /o/x", "authenticated: denied", "group A: denied", "group A + group B: allow", "group B: none"],
    ]);
  });

  it("has a row for each route of a document, also one that no rule is for", () => {
    const routes = [
      { verb: "GET", path: "/o/{id}" },
      { verb: "POST", path: "/nothing" },
    ];
    expect(rowsOf(made("route", small(), routes)).map(([head]) => head)).toEqual(["POST /nothing", "GET /o/{id}"]);
  });
});

it("names are code in the Markdown of a matrix, in which nothing ends a cell or mentions somebody", () => {
  const written = toAccessPolicyOf({ ...PRINCIPALS, groups: ["a"], denials: {} });
  const roles = { ...written.roles, groups: { "@all|`x` <b> &lt;": ["a"], B_1: ["b"] } };
  const [head, , ...rows] = formatMarkdown([made("group", { ...written, roles })]).split("\n");
  expect(head).toBe('| verbs | path | `authenticated` | ``group "@all\\|`x` <b> &lt;"`` | `group B_1` |');
  expect(rows).toContain("| GET | `/o/{}` |  | allowed | own only: `segment 2 is the claim custom:id` |");
});

describe("whoever has a role by the very claim that a segment must equal", () => {
  const written = toAccessPolicyOf({ ...PRINCIPALS, denials: {} });
  const b = { "custom:id": { "7": ["b"], "x/y": ["b"] } };
  const policy = { ...written, roles: { ...written.roles, claims: b } };
  const ofSeven = "claim custom:id=7";

  it("has the path with the value, which is one of the template's", () => {
    for (const matrix of [made("area", policy), made("route", policy, [{ verb: "GET", path: "/o/{id}" }])]) {
      const row = matrix.rows.find(({ verbs, path }) => verbs.includes("GET") && path.startsWith("/o/"));
      const cells = matrix.subjects.map((name, place) => [name, row && cellAt(row, place).access]);
      expect(Object.fromEntries(cells)).toMatchObject({
        [ofSeven]: "own",
        "claim custom:id=x/y": "none",
        "group B": "own",
      });
    }
    const entries = listWhoMay(policy, { method: "GET", path: "/o/{id}" });
    expect(entries.ok && entries.value.map(({ who }) => who && formatWho(who))).toEqual([
      "group A",
      "group B",
      ofSeven,
    ]);
  });

  it("has it not in the row of the template if a rule names the path", () => {
    const d = { ...written.grants["a.all"], path: "/o/7", params: {}, verbs: ["GET"] };
    const named = made("area", {
      ...policy,
      grants: { ...policy.grants, "a.seven": d as AccessPolicy["grants"][string] },
    });
    const place = named.subjects.indexOf(ofSeven);
    const ofGet = named.rows.filter(({ verbs }) => verbs.includes("GET"));
    expect(ofGet.map((row) => [row.path, cellAt(row, place).access])).toEqual([
      ["/health", "public"],
      ["/o/7", "own"],
      ["/o/{}", "none"],
    ]);
  });
});

describe("who may send a request", () => {
  const listed = (policy: AccessPolicy, method: string, path: string) => {
    const entries = listWhoMay(policy, { method, path });
    if (!entries.ok) throw new Error(entries.error.code);
    return entries.value;
  };
  const may = (method: string, path: string) => toJsonMay(listed(toAccessPolicyOf(PRINCIPALS), method, path)).who;

  it("is everybody for a public rule", () => {
    expect(may("GET", "/health")).toEqual([{ who: [{ role: "everyone" }], conditions: [], by: ["a.health"] }]);
  });

  it("is each minimal principal with its conditions", () => {
    expect(may("GET", "/o/7")).toEqual([
      { who: [{ group: "A" }], conditions: [], by: ["a.all"] },
      { who: [{ group: "B" }], conditions: ["own 1=custom:id"], by: ["a.own"] },
    ]);
  });

  it("is nobody where a denial is for everybody, and where no grant is", () => {
    expect(may("DELETE", "/o/x")).toEqual([]);
    expect(may("POST", "/o/7")).toEqual([]);
  });

  it("is nobody whose token carries something that a denial is for", () => {
    const guarded = toAccessPolicyOf({
      ...PRINCIPALS,
      denials: { "a.guard": { roles: ["b"], verbs: ["GET"], path: "/o/{id}" } },
    });
    const entries = listed(guarded, "GET", "/o/7");
    const { who } = toJsonMay(entries);
    expect(who).toEqual([{ who: [{ group: "A" }], conditions: [], by: ["a.all"], not: [[{ group: "B" }]] }]);
    expect(formatMay(entries, { method: "GET", path: "/o/7" })).toBe(
      "GET /o/7 may be sent by\n  group A  but not with group B  by a.all\n",
    );
  });

  it("is refused if a condition asks for more combinations of roles than can be looked at", () => {
    const names = Array.from({ length: 30 }, (_, at) => `role${at}`);
    const groups = Object.fromEntries(names.flatMap((name) => [1, 2, 3, 4].map((at) => [`${name} ${at}`, [name]])));
    const all = { digest: "all", text: "all", params: [], roles: [{ has: names, lacks: [] }] };
    const empty = toAccessPolicyOf(PRINCIPALS);
    const policy = { ...empty, roles: { ...empty.roles, groups }, conditions: { all } };
    const grant = {
      api: [],
      roles: ["role0"],
      verbs: ["GET"],
      path: "/a",
      where: {},
      when: ["all"],
      params: {},
      tail: {},
    };
    const entries = listWhoMay(
      { ...policy, grants: { "a.all": grant } },
      { method: "GET", path: "/a" },
      createBudget(20_000),
    );
    expect(entries).toMatchObject({ ok: false, error: { code: "too_many_tests", rules: ["a.all"] } });
  });

  it("is everybody whom the matrix shows for the route", () => {
    const matrix = made("route", access, [{ verb: "GET", path: "/tenants/{tenant}/projects" }]);
    const shown = matrix.subjects.filter((_, place) =>
      matrix.rows.some((row) => ["allow", "conditional", "own"].includes(cellAt(row, place).access)),
    );
    const entries = listed(access, "GET", "/tenants/{tenant}/projects");
    expect([...new Set(entries.map(({ who }) => who && formatWho(who)))].sort()).toEqual(
      expect.arrayContaining(shown.filter((name) => !name.includes(" + "))),
    );
    expect(entries.length).toBeGreaterThan(2);
  });
});

it("the paths that grants and denials have in common are counted as paths that are made", () => {
  const half = Array.from({ length: 10 }, (_, at) => at);
  const rule = { api: [], where: {}, params: {}, tail: {} };
  const policy: AccessPolicy = {
    ...toAccessPolicyOf(PRINCIPALS),
    publicRules: [],
    grants: Object.fromEntries(
      half.map((at) => [`a.g${at}`, { ...rule, roles: ["user"], verbs: ["GET"], path: `/a${at}/{x}`, when: [] }]),
    ),
    denials: Object.fromEntries(
      half.map((at) => [`a.d${at}`, { ...rule, roles: [], verbs: ["GET"], path: `/{x}/b${at}`, unless: [] }]),
    ),
  };
  const listed = (limit: number) =>
    listRulePaths(
      createField([policy], createVariables([policy], pairConditions([policy])), undefined, createBudget(limit)),
    ).length;
  expect(listed(2_000)).toBe(120);
  expect(() => listed(500)).toThrow("too_many_tests");
});
