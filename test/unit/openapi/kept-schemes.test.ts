import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { ApiDefinition, SpecRestApi } from "aws-cdk-lib/aws-apigateway";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Outcome, readArguments } from "../../../cli/command.ts";
import { command } from "../../../cli/openapi.ts";
import { judgeTemplate } from "../../support/gate.ts";
import { createAuthorizer, createDist, errorOf, type TestDist } from "../../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const REASON = "The app reads the claims until May.";
const USERS = {
  ...{ type: "apiKey", name: "Authorization", in: "header", "x-amazon-apigateway-authtype": "cognito_user_pools" },
  "x-amazon-apigateway-authorizer": {
    type: "cognito_user_pools",
    providerARNs: ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abcdefghi"],
  },
};
const toDocument = (home: object, root: object = {}) => ({
  ...{ openapi: "3.0.3", info: { title: "Shop", version: "1" }, ...root },
  components: { securitySchemes: { users: USERS, key: { type: "apiKey", name: "x-api-key", in: "header" } } },
  paths: { "/home": { get: { responses: {}, ...home } }, "/orders/{order_id}/refunds": { post: { responses: {} } } },
});
const KEPT = { security: [{ users: [] }] };

function secure(document: object, authorizers: readonly string[] = ["users"], reason = REASON) {
  const { authorizer, stack } = createAuthorizer(dist.distPath);
  const keep = authorizers.map((one) => ({ authorizer: one, reason }));
  return { authorizer, stack, secured: Object(authorizer.secure(document, "rest", { keep })) };
}

it("leaves its operations as they are, with the reason, and gives all others the policy's authorizer", () => {
  const { paths, components } = secure(toDocument(KEPT)).secured;
  expect(paths["/home"].get).toEqual({
    ...{ responses: {}, ...KEPT },
    "x-rego-authorizer": { keeps: "users", reason: REASON },
  });
  expect(Object.keys(paths["/orders/{order_id}/refunds"].post.security[0])).toEqual([
    expect.stringMatching(/^policy-never-/),
  ]);
  expect(components.securitySchemes.users).toEqual(USERS);
  const { get } = secure(toDocument({}, KEPT)).secured.paths["/home"];
  expect(get).toMatchObject({ ...KEPT, "x-rego-authorizer": { keeps: "users" } });
});

it("is accepted by the gate for the reason in the document, at the operations that say so", () => {
  const judged = (change: (get: Record<string, unknown>) => void) => {
    const { authorizer, stack, secured } = secure(toDocument(KEPT));
    change(secured.paths["/home"].get);
    const apiDefinition = ApiDefinition.fromInline(secured);
    authorizer.allow(new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition }));
    const { findings, accepted } = judgeTemplate(Template.fromStack(stack).toJSON());
    return [findings.map(({ code }) => code), accepted.map(({ code, reason }) => `${code}: ${reason}`)];
  };
  expect(judged(() => {})).toEqual([[], [`authorizer.foreign: ${REASON}`]]);
  expect(judged((get) => delete get["x-rego-authorizer"])).toEqual([["authorizer.foreign"], []]);
  expect(judged((get) => Object.assign(get, { "x-rego-authorizer": { keeps: "users", reason: " " } }))).toEqual([
    ["authorizer.foreign"],
    [],
  ]);
});

it("is replaced again once nobody says to keep it", () => {
  const { secured } = secure(toDocument(KEPT));
  const { paths } = secure(secured, []).secured;
  expect(paths["/home"].get).toEqual({
    responses: {},
    security: [{ [Object.keys(paths["/home"].get.security[0])[0] ?? ""]: [] }],
  });
  expect(JSON.stringify(paths)).not.toContain("users");
});

it.each<[string, object, readonly string[], string, RegExp]>([
  ["no reason", KEPT, ["users"], "", /keep: users has no reason/],
  [
    "an API key, which authorizes nobody",
    { security: [{ key: [] }] },
    ["key"],
    REASON,
    /keep: key is no .* would be open/,
  ],
  ["a scheme that is not defined", KEPT, ["user"], REASON, /keep: user is no security scheme with an authorizer/],
  ["no operation that has it", {}, ["users"], REASON, /keep: users is the authorizer of no operation; leave it out/],
  [
    "a weaker alternative beside it",
    { security: [{ users: [] }, {}] },
    ["users"],
    REASON,
    /GET \/home keeps users, and .*open/,
  ],
])("is refused with %s", (_, home, names, reason, message) => {
  expect(errorOf(() => secure(toDocument(home), names, reason))).toMatch(message);
});

it("is named on the command line with its reason", async () => {
  const file = join(dist.distPath, "..", "kept.json");
  await writeFile(file, JSON.stringify(toDocument(KEPT)));
  const run = async (keep: string): Promise<Outcome> => {
    const given = readArguments(command, [file, "--dist", dist.distPath, "--out", `${file}.out`, "--keep", keep]);
    return "kind" in given ? given : command.run(given);
  };
  expect(await run(`users=${REASON}`)).toMatchObject({ exit: 0 });
  expect(JSON.parse(await readFile(`${file}.out`, "utf8")).paths["/home"].get["x-rego-authorizer"]).toEqual({
    keeps: "users",
    reason: REASON,
  });
  expect(await run("users")).toMatchObject({ kind: "misused", lines: [expect.stringContaining("--keep must be")] });
});
