import { writeFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toFunctionMark } from "../../../gate/marks.ts";
import { runAuthorizer } from "../../support/command-line.ts";
import { createHttpParts } from "../../support/gate.ts";
import { type GateApp, toCloudFormation } from "../../support/gate-apps.ts";
import { ORDERS_FOLDER } from "../../support/orders-policies.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "check-template-"));
  const write = (name: string, app: GateApp) =>
    writeFileSync(join(folder, name), JSON.stringify(toCloudFormation(app)));
  write("fine.json", { kind: "http", methods: [{ verb: "GET", segments: ["a"], way: "policy" }] });
  write("open.json", { kind: "rest", methods: [{ verb: "PUT", segments: ["b"], way: "none" }] });
  const { Route, Decide, ...parts } = createHttpParts();
  const properties = { ...Route.Properties, RouteKey: "GET /health", AuthorizationType: "NONE" };
  const mark = toFunctionMark([{ name: "ops.health", verbs: ["GET"], path: "/health" }]);
  const Marked = { ...Decide, Metadata: { "rego-authorizer": mark } };
  const Health = { ...Route, Properties: { ...properties, AuthorizerId: undefined } };
  writeFileSync(
    join(folder, "public.json"),
    JSON.stringify({ Resources: { ...parts, Route, Decide: Marked, Health } }),
  );
  await cp(ORDERS_FOLDER, join(folder, "policies"), { recursive: true });
  writeFileSync(join(folder, "empty.json"), '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}');
});
afterAll(() => rm(folder, { recursive: true }));

const check = (...args: readonly string[]) => runAuthorizer(folder, "check-template", ...args);

it("says what it has seen if all is in order", async () => {
  const { code, stdout } = await check("fine.json");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "1 API, 1 method: 1 with a policy\n" });
});

it("exits with 1 and a line for each finding, with the method and the reason", async () => {
  const { code, stderr } = await check("fine.json", "open.json");
  expect({ code, lines: stderr.trim().split("\n") }).toEqual({
    code: 1,
    lines: [
      "open.json: M0: PUT /b is open to everybody; attach a PolicyAuthorizer to its API, or authorize it with IAM; or let a public rule of the policy open it, which check-template reads with --policies or --dist (method.open)",
      "2 APIs, 2 methods: 1 with a policy, 1 with neither",
    ],
  });
});

it("prints the same as JSON", async () => {
  const { code, stdout } = await check("open.json", "--format", "json");
  const { findings, seen, comparedWith } = JSON.parse(stdout);
  const codes = findings.map((one: { readonly code: string }) => one.code);
  expect({ code, codes, apis: seen.apis, comparedWith }).toEqual({
    comparedWith: "marks",
    code: 1,
    codes: ["method.open"],
    apis: 1,
  });
});

it("says that public methods are those of marks, unless it is given the policy, which then counts alone", async () => {
  const notice =
    "notice: the public method is not compared with a policy, but taken from marks in the files; give --policies or --dist";
  const seen = "1 API, 2 methods: 1 with a policy, 1 public in the policy";
  expect((await check("public.json")).stdout).toBe(`${notice}\n${seen}\n`);
  const compared = await check("public.json", "--policies", "policies", "--format", "json");
  const { comparedWith, findings } = JSON.parse(compared.stdout);
  expect({ comparedWith, codes: findings.map(({ code }: { readonly code: string }) => code) }).toEqual({
    comparedWith: "policy",
    codes: ["method.open"],
  });
});

it.each([
  ["there is no API in the files", ["empty.json"], "found no API in empty.json; name the templates that make APIs"],
  ["a file does not exist", ["fine.json", "missing.json"], "missing.json does not exist"],
  ["no file is named", [], "name the templates, plans or folders to check"],
  [
    "a name is accepted without a reason",
    ["fine.json", "--accept", "Stage"],
    "--accept must be NAME=REASON, with a reason",
  ],
  ["a reason is blank", ["fine.json", "--accept", "Stage= "], "--accept must be NAME=REASON, with a reason"],
])("exits with 2 if %s", async (_, args, line) => {
  const { code, stderr } = await check(...args);
  expect({ code, first: stderr.split("\n")[0] }).toEqual({ code: 2, first: line });
});
