import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { createAuthorizer, createDist, errorOf, type TestDist } from "../support/infra.ts";
import { ORDERS_POLICIES } from "../support/orders-policies.ts";

let dist: TestDist;
let changed: TestDist;
beforeAll(async () => {
  dist = await createDist();
  const orders = ORDERS_POLICIES["access/orders.rego"] ?? "";
  changed = await createDist({ "access/orders.rego": orders.replace('"roles": {"support"}', '"roles": {"auditor"}') });
});
afterAll(async () => {
  await dist[Symbol.asyncDispose]();
  await changed[Symbol.asyncDispose]();
});

interface Described {
  readonly tags: Readonly<Record<string, string>>;
  readonly rules: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The logical ids of versions, which CloudFormation publishes anew if they change. */
  readonly versions: readonly string[];
}

function describeStack(stack: Stack): Described {
  const template = Template.fromStack(stack);
  const [lambda] = Object.values(template.findResources("AWS::Lambda::Function"));
  const tags: readonly { readonly Key: string; readonly Value: string }[] = lambda?.["Properties"].Tags ?? [];
  return {
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    rules: lambda?.["Metadata"]["rego-authorizer:policy"],
    outputs: Object.fromEntries(
      Object.values(template.findOutputs("*")).map(({ Description, Value }) => [Description, Value]),
    ),
    versions: Object.keys(template.findResources("AWS::Lambda::Version")),
  };
}

const describeWith = (distPath: string, props: { readonly commit?: string } = {}) =>
  describeStack(createAuthorizer(distPath, props).stack);

describe("a deployment", () => {
  it("has the revision and the commit of its policy in tags and outputs, with the version", () => {
    const { tags, outputs } = describeWith(dist.distPath, { commit: "3f2a9c1" });
    expect(tags).toEqual({ "rego-authorizer:revision": dist.revision, "rego-authorizer:commit": "3f2a9c1" });
    expect(outputs).toMatchObject({
      "The revision of the policy": dist.revision,
      "The commit of the policy": "3f2a9c1",
      "The version of the authorizer's function to which the aliases move": {
        "Fn::GetAtt": [expect.any(String), "Version"],
      },
    });
  });

  it("takes the commit from the context of the app", () => {
    const stack = new Stack(new App({ context: { "rego-authorizer:commit": "release/42" } }), "Test");
    new PolicyAuthorizer(stack, "Authorizer", {
      distPath: dist.distPath,
      trustedIssuers: [
        { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" },
      ],
    });
    expect(describeStack(stack).tags["rego-authorizer:commit"]).toBe("release/42");
  });

  it("names no commit that nobody said", () => {
    const { tags, outputs } = describeWith(dist.distPath);
    expect(Object.keys(tags)).toEqual(["rego-authorizer:revision"]);
    expect(outputs).not.toHaveProperty("The commit of the policy");
  });

  it.each(["", "3f2a 9c1", "a".repeat(129), "$(whoami)"])("refuses the commit %j", (commit) => {
    expect(errorOf(() => createAuthorizer(dist.distPath, { commit }))).toContain("the commit must be a text");
  });

  it("publishes no version for another commit with the same policy, and one for another policy", () => {
    const { versions } = describeWith(dist.distPath, { commit: "1" });
    expect(versions).toHaveLength(1);
    expect(describeWith(dist.distPath, { commit: "2" }).versions).toEqual(versions);
    expect(describeWith(changed.distPath, { commit: "1" }).versions).not.toEqual(versions);
  });
});

describe("the rules in the template", () => {
  it("say who may do what, and by what", () => {
    expect(describeWith(dist.distPath).rules).toMatchObject({
      "grant orders.read_own":
        "GET /customers/{customer_id}/orders for customer where customer_id is custom:customer_id",
      "grant orders.refund": "POST /orders/{order_id}/refunds for support when signed_in_recently",
      "denial admin.ledger": "DELETE,PUT /admin/ledger/{proxy+} for everybody unless in_the_office",
      "group Support": "has support",
    });
  });

  it("differ in the rule that changes, and in no other", () => {
    const [before, after] = [describeWith(dist.distPath).rules, describeWith(changed.distPath).rules];
    const names = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^grant orders\./);
  });

  it("become a line for each area when there are many", async () => {
    const grants = (role: string) =>
      Array.from({ length: 300 }, (_, at) => {
        const text = `"roles": {"${at === 7 ? role : "admin"}"}, "verbs": {"GET"}, "path": "/many/${at}"`;
        return `# METADATA\n# title: Many ${at}\ngrants["g${at}"] := {${text}}\n`;
      });
    const area = (role: string) => ({
      "access/many.rego": `# METADATA\n# title: Many\npackage access.many\n\n${grants(role).join("\n")}`,
    });
    await using many = await createDist(area("admin"), {});
    await using others = await createDist(area("support"), {});
    const [before, after] = [describeWith(many.distPath).rules, describeWith(others.distPath).rules];
    expect(before["grants of many"]).toMatch(/^300, sha256 [0-9a-f]{12}$/);
    expect(Object.keys(before).filter((name) => before[name] !== after[name])).toEqual(["grants of many"]);
  });
});
