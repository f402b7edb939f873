import { execFileSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../../cli/command.ts";
import { command as diff } from "../../../cli/diff.ts";
import { command as lock } from "../../../cli/lock.ts";
import { buildIn, createWorkspace, type Workspace } from "../../../dev/workspace.ts";

const ROLES = `package access.roles

admin := {"groups": {"Admins"}}

support := {"groups": {"Support"}}

customer := {"groups": {"Customers"}}
`;

const CONDITIONS = `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

recent if values.within(input.now_s, input.principal.claims.auth_time, 3600)

in_the_office if net.cidr_contains(data.data.office, input.request.source_ip)
`;

const ORDERS = `package access.orders

grants["read_all"] := {"roles": {"admin"}, "verbs": {"GET"}, "path": "/orders/{id}"}

grants["own"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{id}",
	"where": {"id": "custom:customer_id"},
	"when": {"recent"},
}

grants["refund"] := {"roles": {"admin"}, "verbs": {"POST"}, "path": "/refunds", "when": {"in_the_office"}}

denials["archive"] := {"roles": {"support"}, "verbs": {"DELETE"}, "path": "/orders/{id}"}
`;

const BEFORE = {
  "access/roles.rego": ROLES,
  "access/conditions.rego": CONDITIONS,
  "access/orders.rego": ORDERS,
  "data/office.yaml": 'office: "203.0.113.0/24"\n',
};

let workspace: Workspace;

const git = (...args: readonly string[]) => {
  const settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
  execFileSync("git", [...settings, ...args], { cwd: workspace.root, stdio: "ignore" });
};

beforeAll(async () => {
  workspace = await createWorkspace({ ...BEFORE, "access/orders.rego": "package access.orders\n\ngrants := broken" });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message=broken");
  await workspace.write(BEFORE);
  git("commit", "--quiet", "--all", "--message=right");
});

afterAll(() => workspace[Symbol.asyncDispose]());

const run = (positionals: readonly string[], format = "json"): Promise<Outcome> => {
  return diff.run({ flags: { policies: workspace.policies, format }, switches: new Set(), positionals });
};

/** Runs a comparison with other files in the folder, which has its own afterwards. */
async function runWith(files: Readonly<Record<string, string>>, format = "json"): Promise<Outcome> {
  await workspace.write(files);
  const outcome = await run(["HEAD"], format);
  await workspace.write(BEFORE);
  return outcome;
}

const reportOf = (outcome: Outcome) => JSON.parse((outcome.kind === "done" && outcome.output) || "null");

describe("rego-authorizer diff", () => {
  it("finds gains, losses, changed conditions and guards, each with a witness and the rules that make it", async () => {
    const outcome = await runWith({
      "access/orders.rego": ORDERS.replace('{"admin"}, "verbs": {"GET"}', '{"admin", "support"}, "verbs": {"GET"}')
        .replace('"where": {"id": "custom:customer_id"},\n\t', "")
        .replace("archive", "archives")
        .replace('"DELETE"', '"PUT"'),
      "data/office.yaml": 'office: "203.0.0.0/16"\n',
    });
    expect(outcome).toMatchObject({ kind: "done", exit: 1 });
    const { changes, ...report } = reportOf(outcome);
    expect(report).toEqual({
      format: 1,
      from: expect.stringMatching(/^[0-9a-f]{64}$/),
      to: expect.stringMatching(/^[0-9a-f]{64}$/),
      summary: { gains: 2, losses: 0, conditions: 1, guards: 2, public: 0 },
      confirmed: true,
      changed_conditions: [
        {
          name: "in_the_office",
          before:
            'net.cidr_contains(data.data.office, input.request.source_ip) where data.data.office is "203.0.113.0/24"',
          after:
            'net.cidr_contains(data.data.office, input.request.source_ip) where data.data.office is "203.0.0.0/16"',
        },
      ],
      follows: expect.objectContaining({ iam: ["(no group)", "Admins", "Customers", "Support"] }),
    });
    expect(changes[0]).toEqual({
      kind: "gain",
      who: [{ group: "Support" }],
      not: [{ group: "Admins" }],
      verbs: ["GET"],
      path: "/orders/{}",
      before: "none",
      after: "allow",
      conditions: { before: [], after: [] },
      by: ["orders.read_all"],
      witness: {
        input: {
          principal: { claims: { "cognito:groups": ["Support"] } },
          request: { method: "GET", path: "/orders/a" },
        },
        assumes: {},
      },
      test: '"group Support may GET /orders/{}": {"groups": ["Support"], "path": "/orders/a", "effect": "allow"},',
    });
    expect(changes.slice(1)).toMatchObject([
      {
        kind: "gain",
        who: [{ group: "Customers" }],
        path: "/customers/{}",
        before: "conditional",
        after: "conditional",
        conditions: { before: ["own 1=custom:customer_id", "recent"], after: ["recent"] },
        witness: { input: { principal: { claims: { "cognito:groups": ["Customers"] } } }, assumes: { recent: true } },
        test: `test_if_recent[name] if {
	some name, case in {"group Customers may GET /customers/{}": {"groups": ["Customers"], "path": "/customers/a", "effect": "allow"}}

	engine.decision.effect == case.effect with input as testing.input_for(case) with data.access.conditions.recent as true
}`,
      },
      { kind: "condition", who: [{ group: "Admins" }], path: "/refunds", by: ["orders.refund"] },
      {
        kind: "guard",
        who: [{ group: "Support" }],
        verbs: ["DELETE"],
        before: "denied",
        after: "none",
        by: ["orders.archive"],
      },
      {
        kind: "guard",
        who: [{ group: "Support" }],
        verbs: ["PUT"],
        before: "none",
        after: "denied",
        by: ["orders.archives"],
      },
    ]);
  });

  it("says first what a human wants to know, and last what is not proved", async () => {
    const outcome = await runWith(
      {
        "access/orders.rego": ORDERS.replace(
          '"roles": {"admin"}, "verbs": {"GET"}',
          '"roles": {"support"}, "verbs": {"GET"}',
        ),
      },
      "text",
    );
    const text = (outcome.kind === "done" && outcome.output) || "";
    const folder = workspace.policies;
    expect(text.split("\n").slice(0, 17)).toEqual([
      `HEAD → ${folder}: 1 gain, 1 loss; group Support may GET /orders/{} now (none → allow)`,
      "",
      "Gains",
      "  group Support | GET /orders/{}: none → allow",
      "    not with group Admins besides",
      `    by orders.read_all (${folder}/access/orders.rego:3)`,
      '    such as GET /orders/a with {"cognito:groups":["Support"]}',
      '    test: "group Support may GET /orders/{}": {"groups": ["Support"], "path": "/orders/a", "effect": "allow"},',
      "",
      "Losses",
      "  group Admins | GET /orders/{}: allow → none",
      "    not with group Support besides",
      "    by orders.read_all (HEAD:policies/access/orders.rego:3)",
      '    such as GET /orders/a with {"cognito:groups":["Admins"]}',
      '    test: "group Admins may not GET /orders/{}": {"groups": ["Admins"], "path": "/orders/a", "effect": "deny"},',
      "",
      "What follows",
    ]);
    expect(text).toMatch(/Not proved: .*\n$/);
  });

  it("tells apart what a witness proves: a user, a machine, the tokens of an issuer", async () => {
    const roles = `${ROLES}
person := {"kinds": {"user"}}

robot := {"scopes": {"orders/read"}, "issuers": {"partner"}}
`;
    const orders = `${ORDERS}
grants["home"] := {"roles": {"person", "robot"}, "verbs": {"GET"}, "path": "/home"}
`;
    const outcome = await runWith({ "access/roles.rego": roles, "access/orders.rego": orders }, "text");
    const text = (outcome.kind === "done" && outcome.output) || "";
    expect(text.split("\n").filter((line) => line.includes("such as"))).toEqual([
      "    such as GET /home as a user with {}",
      '    such as GET /home as a machine of the issuer partner with {"scope":"orders/read"}',
    ]);
  });

  it("shows names of a policy as they are, in which Markdown, HTML and mentions mean nothing, and none turns a line", async () => {
    const roles = ROLES.replace('"Admins"', '"Admins", "`x`", "a|b", "@all <b>", "\u202egnp.exe"');
    const written = async (format: string) => {
      const outcome = await runWith({ "access/roles.rego": roles }, format);
      return (outcome.kind === "done" && outcome.output) || "";
    };
    const [text, md] = [await written("text"), await written("md")];
    expect([text, md].filter((one) => one.includes("\u202e"))).toEqual([]);
    const rows = md.split("\n").filter((line) => line.startsWith("| ") && line.includes("/refunds"));
    expect(rows.map((line) => line.split(" | ")[0])).toEqual([
      '| `group "@all <b>"`',
      '| `group "\\u202egnp.exe"`',
      '| ``group "`x`"``',
      '| `group "a\\|b"`',
    ]);
    expect(md.split("\n")[0]).toMatch(/; group "&#64;all &lt;b&gt;" may /);
    expect(text).toContain('{"groups": ["\\u202egnp.exe"], ');
  });

  it("finds no change if rules, roles, parameters and conditions only have other names", async () => {
    const outcome = await runWith({
      "access/roles.rego": ROLES.replace("admin", "boss"),
      "access/conditions.rego": CONDITIONS.replaceAll("recent", "signed_in_recently"),
      "access/orders.rego": ORDERS.replaceAll("admin", "boss")
        .replace("read_all", "read")
        .replaceAll("{id}", "{order}")
        .replace('"id":', '"order":')
        .replace('"recent"', '"signed_in_recently"'),
    });
    expect(outcome).toMatchObject({ exit: 0 });
    expect(reportOf(outcome)).toMatchObject({
      changes: [],
      summary: { gains: 0, losses: 0, conditions: 0, guards: 0, public: 0 },
      notes: ["the condition recent is called signed_in_recently now"],
    });
  });

  it("reads folders, builds, bundles and locks, which are the same", async () => {
    const built = await buildIn(workspace.root);
    expect(built.ok).toBe(true);
    await lock.run({ flags: { policies: workspace.policies }, switches: new Set(), positionals: [] });
    const [dist, file] = [join(workspace.root, "dist"), join(workspace.policies, "access.lock")];
    const [ofLock, ofBundle] = [await run([file, dist]), await run([join(dist, "bundle.tar.gz"), workspace.root])];
    await rm(file);
    expect(ofLock).toMatchObject({ exit: 0 });
    expect(reportOf(ofLock)).toMatchObject({ from: null, confirmed: null });
    expect(ofBundle).toMatchObject({ exit: 0 });
    const { from, to, notes } = reportOf(ofBundle);
    expect(from).toBe(to);
    expect(notes).toEqual([expect.stringContaining("public rules were not compared")]);
  });

  it.each<[string, string, readonly RegExp[]]>([
    [
      "a ref that does not exist",
      "release",
      [/^release is neither a file, nor a folder, nor a ref of the Git repository/],
    ],
    ["an option in place of a ref", "--output=x", [/nor a ref of the Git repository/]],
    [
      "a policy at a ref that does not build",
      "HEAD~1",
      [
        /^HEAD~1:policies\/access\/conditions\.rego:8: .*\[condition\.unused\]$/,
        /conditions\.rego:10/,
        /^HEAD~1:policies\/access\/orders\.rego:3: .*\[opa\.unsafe_variable\]$/,
        /explains each code/,
        /^HEAD~1 does not build, so nothing was compared$/,
      ],
    ],
    ["a folder without policies", "data", [/has no policies .* and no build/]],
    ["a file of another kind", "data/office.yaml", [/is neither an access lock nor a bundle/]],
    ["a lock that was edited", "edited.lock", [/edited\.lock:2 is not as rego-authorizer lock writes it/]],
    ["a lock of another format", "other.lock", [/starts with "rego-authorizer access lock 9"/]],
    ["a lock that no policy gives", "impossible.lock", [/is not the access of any policy/]],
  ])("can't compare %s", async (_, name, expected) => {
    const at = (file: string) => join(workspace.policies, file);
    await writeFile(at("edited.lock"), "rego-authorizer access lock 1\nallow everything\n");
    await writeFile(at("other.lock"), "rego-authorizer access lock 9\n");
    const narrow = "allow | group A | GET | /a/{+}\nallow | group A | GET | /a/{}\n";
    await writeFile(at("impossible.lock"), `rego-authorizer access lock 1\n${narrow}`);
    const isFile = name.includes(".lock") || name.startsWith("data");
    const outcome = await run([isFile ? at(name) : name, at("access.lock")]);
    for (const file of ["edited", "other", "impossible"]) await rm(at(`${file}.lock`));
    expect(outcome).toEqual({ kind: "done", exit: 2, lines: expected.map((line) => expect.stringMatching(line)) });
  });
});
