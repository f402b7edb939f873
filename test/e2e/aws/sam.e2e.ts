import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseTemplate } from "../../../gate/read-template.ts";
import { judgeTemplate, toLines } from "../../support/gate.ts";
import { ORDERS_FOLDER } from "../../support/orders-policies.ts";
import { distIn } from "./emulator/deployment.ts";
import { REGION } from "./emulator/ministack.ts";
import { findMinistack } from "./emulator/ministack-install.ts";
import { createStack } from "./probes/create-stack.ts";
import { readAliases } from "./support/aliases.ts";
import { askAws } from "./support/aws.ts";
import { type Call, call } from "./support/client.ts";
import { readDecisionsOf } from "./support/logs.ts";
import { readRun, type UserName } from "./support/run.ts";

// The template that `cache-contract --format sam --template` completes, translated by AWS SAM's own translator, as AWS does it, and
// deployed to the emulator with the package of the example app, whose policy it has. The emulator makes no routes of the HTTP API's
// document.

const run = readRun();
const BUCKET = "e2e-sam";
const FILE = join("test", "fixtures", "sam", "template.yaml");
const ARGS = ["cache-contract", "--policies", ORDERS_FOLDER, "--format", "sam", "--template", FILE];

/** Completes the template and translates it. */
async function translate(): Promise<Readonly<Record<string, unknown>>> {
  const python = await findMinistack(process.env, () => {}, AbortSignal.timeout(120_000));
  if (!python.ok) throw new Error(python.error);
  const completed = spawnSync(process.execPath, ["cli/main.ts", ...ARGS], { encoding: "utf8" });
  const template = parseTemplate(completed.stdout);
  if (!template.ok) throw new Error(completed.stderr);
  // `sam package` replaces the folder.
  const input = JSON.stringify(template.value).replaceAll('"dist/authorizer"', `"s3://${BUCKET}/authorizer.zip"`);
  const env = { ...process.env, AWS_DEFAULT_REGION: REGION };
  const script = join(import.meta.dirname, "translate-sam.py");
  const { status, stdout, stderr } = spawnSync(python.value, [script], { input, env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe("the completed template", { timeout: 180_000 }, () => {
  let translated: Awaited<ReturnType<typeof translate>>;
  beforeAll(async () => {
    translated = await translate();
  }, 180_000);

  it("is translated, and the gate finds the policy on each method", () => {
    const { findings, seen } = judgeTemplate(translated);
    expect({ found: toLines(findings), withPolicy: seen.withPolicy }).toEqual({ found: [], withPolicy: 5 });

    const resources = Object.entries<Record<string, unknown>>(Object(translated["Resources"]));
    const ofType = (type: string) => resources.filter(([, one]) => one["Type"] === type);
    const versions = ofType("AWS::Lambda::Version");
    expect(versions.map(([, one]) => one["DeletionPolicy"])).toEqual(["Retain"]);
    const aliases = ofType("AWS::Lambda::Alias").filter(([id]) => id !== "AuthorizerAliaslatest");
    for (const [, { Properties, DeletionPolicy }] of aliases) {
      expect(DeletionPolicy).toBe("RetainExceptOnCreate");
      expect(Object(Properties).FunctionVersion).toEqual({ "Fn::GetAtt": [versions[0]?.[0], "Version"] });
    }
    // Each API waits for a permission of its own alias, the HTTP API too.
    for (const [id, { DependsOn }] of [...ofType("AWS::ApiGateway::RestApi"), ...ofType("AWS::ApiGatewayV2::Api")]) {
      const [permission] = [DependsOn].flat();
      const { FunctionName } = Object(Object(translated["Resources"])[String(permission)]).Properties;
      expect(aliases.map(([alias]) => alias).filter((alias) => alias.includes(id))).toEqual([FunctionName.Ref]);
    }
  });

  describe("is deployed, and", () => {
    let [orders, authorizer] = ["", ""];
    beforeAll(async () => {
      const zip = await readFile(join(distIn(run.folder), "authorizer.zip"));
      await askAws(run, { service: "s3", method: "PUT", path: `/${BUCKET}` });
      await askAws(run, { service: "s3", method: "PUT", path: `/${BUCKET}/authorizer.zip`, body: zip });
      [orders = "", authorizer = ""] = await createStack(run, "Sam", withUsersOfRun(translated));
    }, 60_000);

    const rest = async (method: string, path: string, as?: UserName, others: Partial<Call> = {}) => {
      const token = as && run.tokens[as];
      const asked = { api: "probes", method, path, token, ...others } as const;
      return (await call({ ...run, probes: { apiId: orders } }, asked)).status;
    };
    const control = { purpose: "control" } as const;

    it("its REST API has the decisions of the policy, under a cache, by the time, and by the address", async () => {
      const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
      expect({
        order: [await rest("GET", "/orders/7", "support"), await rest("GET", "/orders/7", "customer")],
        again: [await rest("GET", "/orders/7", "support"), await rest("GET", "/orders/7", "customer")],
        refund: [await rest("POST", "/orders/7/refunds", "support"), await rest("POST", "/orders/7/refunds", "admin")],
        inOffice: await rest("PUT", "/admin/ledger/1", "admin", from("203.0.113.7")),
        elsewhere: await rest("PUT", "/admin/ledger/1", "admin", from("198.51.100.7")),
        withoutToken: await rest("GET", "/orders/7", undefined, control),
        withIam: await rest("GET", "/internal", "admin", control),
      }).toEqual({
        ...{ order: [200, 403], again: [200, 403], refund: [200, 403] },
        ...{ inOffice: 200, elsewhere: 403, withoutToken: 401, withIam: 403 },
      });
    });

    it("each API has an alias of its own, which the log names", async () => {
      const names = (await readAliases(run, authorizer)).map(({ Name }) => Name.replace(/-[0-9a-f]{12}$/, ""));
      expect(names.toSorted()).toEqual(["Orders", "Search", "latest"]);
      const seen = (await readDecisionsOf(run, authorizer)).map(({ labels }) => labels.api);
      expect([...new Set(seen)]).toEqual(["Orders"]);
    });
  });
});

/** Returns a template that trusts the users of this run, and that has outputs. */
function withUsersOfRun(template: object): object {
  const { UserPoolId, UserPoolClientId } = run.orders;
  const text = JSON.stringify(template).replaceAll("${Users}", UserPoolId).replaceAll("${Web}", UserPoolClientId);
  const outputs = ["Orders", "Authorizer"].map((id) => [id, { Value: { Ref: id } }]);
  return { ...JSON.parse(text), Outputs: Object.fromEntries(outputs) };
}
