import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseTemplate } from "../../../gate/read-template.ts";
import { judgeTemplate, toLines } from "../../support/gate.ts";
import { ORDERS_FOLDER } from "../../support/orders-policies.ts";
import { findMinistack } from "./emulator/ministack-install.ts";

// The template that `cache-contract --format sam --template` completes, translated by AWS SAM's own translator, as AWS does it.

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
  const input = JSON.stringify(template.value).replaceAll('"dist/authorizer"', '"s3://bucket/authorizer.zip"');
  const env = { ...process.env, AWS_DEFAULT_REGION: "eu-west-1" };
  const script = join(import.meta.dirname, "translate-sam.py");
  const { status, stdout, stderr } = spawnSync(python.value, [script], { input, env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

it("the completed template is translated, and the gate finds the policy on each method", {
  timeout: 180_000,
}, async () => {
  const translated = await translate();
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
