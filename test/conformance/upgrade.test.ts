import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runAuthorizer } from "../support/command-line.ts";

let root: string;
let company: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "rego-authorizer-upgrade-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const POLICY = {
  "roles.rego": `package access.roles\n\ncustomer := {"groups": {"Customers"}}\n`,
  "orders.rego": `# METADATA
# title: Orders
package access.orders

# METADATA
# title: Customers read their own orders
grants["read_own"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{id}/orders",
	"where": {"id": "sub"},
}
`,
  "orders_test.rego": `package access_test.orders

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"her own": {"path": "/customers/42/orders", "effect": "allow"},
		"someone else's": {"path": "/customers/43/orders", "effect": "deny"},
	}

	customer := {"groups": ["Customers"], "claims": {"sub": "42"}}
	engine.decision.effect == case.effect with input as testing.input_for(object.union(customer, case))
}
`,
};

const DEPENDENT = { private: true, dependencies: { "rego-authorizer": "0.0.1" } };

beforeEach(async () => {
  company = await mkdtemp(join(root, "company-"));
  await mkdir(join(company, "policies/access"), { recursive: true });
  for (const [name, text] of Object.entries(POLICY)) await writeFile(join(company, "policies/access", name), text);
  await writeFile(join(company, "package.json"), JSON.stringify(DEPENDENT));
});

/** Copies the product into a folder, as version 99.0.0 with one line changed. */
async function copyProduct(file?: string, line = "", instead = ""): Promise<string> {
  const copy = await mkdtemp(join(root, "product-"));
  const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");
  for (const name of files.filter((one) => !/^(test|bench|docs|\.)/.test(one))) {
    await mkdir(dirname(join(copy, name)), { recursive: true });
    await cp(name, join(copy, name));
  }
  await symlink(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
  await replaceIn(join(copy, "package.json"), /"version": ".*"/, '"version": "99.0.0"');
  if (file !== undefined) await replaceIn(join(copy, file), line, instead);
  return copy;
}

async function replaceIn(file: string, pattern: string | RegExp, instead: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const replaced = text.replace(pattern, instead);
  if (replaced === text) throw new Error(`${file} has no ${pattern}`);
  await writeFile(file, replaced);
}

/** Reads all that an upgrade may change, or must not. */
async function stateOf(folder: string) {
  const list = execFileSync("find", ["policies", "-type", "f", "-exec", "cksum", "{}", "+"], {
    cwd: folder,
    encoding: "utf8",
  });
  const { dependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return { policies: list.split("\n").sort(), dependencies };
}

describe("upgrade", () => {
  it("says what it compared, and with --check installs nothing", async () => {
    const copy = await copyProduct();
    const before = await stateOf(company);
    const checked = await runAuthorizer(company, "upgrade", copy, "--check");
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(checked.stdout).toMatch(
      /^rego-authorizer [\d.]+ → 99\.0\.0\ncompared \d{3,} decisions and the entitlements of \d+ principals.*\n {2}2 inputs of 1 Rego test\n {2}\d+ requests at the paths of 1 grant and 0 denials.*\ncompared the access in both indexes, for every principal and path: 1 line of the access lock\nno decision changes\nto install it: npm install --save-exact .*\n$/,
    );
    const { code, stdout } = await runAuthorizer(company, "upgrade", copy, "--check", "--format", "json");
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        format: 1,
        to: "99.0.0",
        findings: [],
        installed: false,
        install: expect.stringMatching(/^npm install --save-exact /),
      },
    ]);
    expect(await stateOf(company)).toEqual(before);
  });

  it("installs a version that decides nothing else, and writes nothing below the policies", async () => {
    const copy = await copyProduct();
    const before = await stateOf(company);
    const upgraded = await runAuthorizer(company, "upgrade", copy);
    expect(upgraded).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\ninstalled rego-authorizer 99\.0\.0; commit /),
    });
    const after = await stateOf(company);
    expect(after.policies).toEqual(before.policies);
    expect(after.dependencies["rego-authorizer"]).toMatch(/^file:/);
  });

  it("shows each decision that would change, with an input that shows it, and who gains access, and installs nothing", async () => {
    const copy = await copyProduct(
      "policies/engine/index.rego",
      'where := object.get(rule, "where", {})',
      "where := {}",
    );
    const before = await stateOf(company);
    const { code, stdout } = await runAuthorizer(company, "upgrade", copy);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^opened: deny where\.mismatch → allow orders\.read_own \(\d+ inputs, such as \{"principal":.*\)$/m,
    );
    expect(stdout).toMatch(
      /^access: gain group Customers: GET \/customers\/\{\}\/orders: own 1=sub → allow \(orders\.read_own\), such as \{"principal":\{"claims":\{"cognito:groups":\["Customers"\]\}\},"request":\{"method":"GET","path":"\/customers\/a\/orders"\}\}$/m,
    );
    expect(stdout).not.toContain("please report it");
    expect(stdout).toMatch(
      /^rego-authorizer test prints with 99\.0\.0 only:\nFAILED access_test\.orders\.test_decision: someone else's/m,
    );
    expect(stdout).toMatch(/^nothing was installed; if that is what you want: npm install --save-exact /m);
    expect(await stateOf(company)).toEqual(before);
  });

  it("shows the problems that a version finds in the policy", async () => {
    const found = '{"code": "role.unknown", "where": "orders.read_own", "message": "refused"}';
    const rule = "problems contains ";
    const copy = await copyProduct("policies/engine/check/roles.rego", rule, `${rule}${found}\n\n${rule}`);
    const { code, stdout } = await runAuthorizer(company, "upgrade", copy, "--check");
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\n99\.0\.0 refuses the policy:\npolicies\/access\/orders\.rego:7: orders\.read_own: refused \[role\.unknown\]\n/,
    );
  });

  it.each([
    [
      "a version that is neither a version nor a file",
      ["nowhere.tgz"],
      /^nowhere\.tgz is neither a version, such as 1\.2\.3/,
    ],
    ["two versions", ["1.0.0", "2.0.0"], /^name one version\n/],
    ["another package", ["other"], /^.*\/other is not the package rego-authorizer\nnothing was installed\n$/],
  ])("refuses %s", async (_, args, message) => {
    await mkdir(join(company, "other"));
    await writeFile(join(company, "other/package.json"), '{"name": "other", "version": "1.0.0"}');
    const given = args.map((one) => (one === "other" ? "./other" : one));
    const { code, stdout, stderr } = await runAuthorizer(company, "upgrade", ...given);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  it("refuses to install where nothing depends on the product", async () => {
    await writeFile(join(company, "package.json"), "{}");
    expect(await runAuthorizer(company, "upgrade", "1.0.0")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^package\.json of the working folder does not depend on rego-authorizer; /),
    });
  });
});
