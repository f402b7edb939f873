import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ApiDefinition, MockIntegration, RestApi, SpecRestApi } from "aws-cdk-lib/aws-apigateway";
import { AnyPrincipal, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArguments } from "../../cli/command.ts";
import { command } from "../../cli/openapi.ts";
import type { ImportedPolicyAuthorizer } from "../../infra/constructs/imported-policy-authorizer.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { RestAttachment, SecuringProps } from "../../infra/constructs/policy-authorizer-props.ts";
import type { ServedApiProps } from "../../infra/constructs/served-apis.ts";
import { judgeTemplate } from "../support/gate.ts";
import { createAuthorizer, createDist, errorOf, propertiesOf, type TestDist } from "../support/infra.ts";

// Documents, and APIs of other apps: selections and report-only as for an API of this app.

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const USERS = {
  ...{ type: "apiKey", name: "Authorization", in: "header", "x-amazon-apigateway-authtype": "cognito_user_pools" },
  "x-amazon-apigateway-authorizer": {
    type: "cognito_user_pools",
    providerARNs: ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abcdefghi"],
  },
};
const DOCUMENT = {
  ...{ openapi: "3.0.3", info: { title: "Shop", version: "1" }, components: { securitySchemes: { users: USERS } } },
  paths: {
    "/home": { get: { responses: {}, security: [{ users: [] }] } },
    "/orders/{order_id}/refunds": { post: { responses: {} } },
    "/vtl/whoami": { get: { responses: {} } },
  },
};
const USERS_STAY = [{ name: "users", reason: "The app reads the claims until May." }];
const FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:authorizer";

/** Judges an API that is made from a document. */
function judge(
  stack: Stack,
  authorizer: PolicyAuthorizer | ImportedPolicyAuthorizer,
  secured: object,
  props: object = {},
) {
  const apiDefinition = ApiDefinition.fromInline(secured);
  authorizer.allow(new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition, ...props }), {
    apiName: "rest",
  });
  return judgeTemplate(Template.fromStack(stack).toJSON(), { accepted: USERS_STAY });
}

const codesOf = ({ findings }: ReturnType<typeof judgeTemplate>) =>
  findings.map(({ code, cause }) => `${code} ${/[A-Z]+ \/\S*/.exec(cause)?.[0]}`);

describe("an API from a document", () => {
  const secure = (props: SecuringProps, more: object = {}) => {
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    return judge(stack, authorizer, authorizer.secure(DOCUMENT, "rest", props), more);
  };

  it("is as open to the gate as its selection leaves it", () => {
    expect(codesOf(secure({ withoutAuthorizer: true }))).toEqual([]);
    expect(codesOf(secure({ only: ["GET /vtl/whoami"] }))).toEqual(["method.open POST /orders/{order_id}/refunds"]);
    expect(codesOf(secure({ withoutAuthorizer: true, reportOnly: true }))).toEqual([
      "method.report_only POST /orders/{order_id}/refunds",
      "method.report_only GET /vtl/whoami",
    ]);
  });

  it("has two permissions if it is written twice, and each alias once", () => {
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    const enforced = authorizer.secure(DOCUMENT, "rest", { only: ["GET /vtl/whoami"] });
    const both = authorizer.secure(enforced, "rest", { withoutAuthorizer: true, reportOnly: true });
    expect(codesOf(judge(stack, authorizer, both))).toEqual(["method.report_only POST /orders/{order_id}/refunds"]);
    const aliases = propertiesOf(stack, "AWS::Lambda::Alias").map(({ Name }) => Name);
    expect(aliases).toEqual([
      expect.stringMatching(/^rest-[0-9a-f]+$/),
      expect.stringMatching(/^rest-report-[0-9a-f]+$/),
    ]);
  });

  it.each<[string, object, RegExp]>([
    ["another authorizer", { reportOnly: true }, /GET \/home has the authorizer users, and report-only in its place/],
    ["two selections", { only: ["GET /home"], below: "/" }, /only, below and withoutAuthorizer exclude each other/],
    ["a report-only cache", { reportOnly: true, ttl: {} }, /a report-only authorizer caches nothing/],
    ["nothing selected", { below: "/nowhere" }, /below: the document has no operation at or below \/nowhere/],
  ])("is refused with %s", (_, props, message) => {
    const { authorizer } = createAuthorizer(dist.distPath);
    expect(errorOf(() => authorizer.secure(DOCUMENT, "rest", props))).toMatch(message);
  });

  it("is not report-only with a resource policy beside the document that closes by its silence", () => {
    const allow = (conditions: object) => {
      const own = { principals: [new AnyPrincipal()], actions: ["execute-api:Invoke"], resources: ["execute-api:/*"] };
      return { policy: new PolicyDocument({ statements: [new PolicyStatement({ ...own, conditions })] }) };
    };
    const closing = allow({ IpAddress: { "aws:SourceIp": "192.0.2.0/24" } });
    const report = { withoutAuthorizer: true, reportOnly: true } as const;
    expect(errorOf(() => secure(report, closing))).toMatch(/is report-only and has a resource policy/);
    expect(errorOf(() => secure(report, allow({})))).toBe("nothing failed");
    expect(errorOf(() => secure({ withoutAuthorizer: true }, closing))).toBe("nothing failed");
  });
});

describe("the command", () => {
  async function run(...flags: readonly string[]) {
    const file = join(dist.distPath, "..", "api.json");
    await writeFile(file, JSON.stringify(DOCUMENT));
    const given = readArguments(command, [file, "--dist", dist.distPath, "--out", `${file}.out`, ...flags]);
    const outcome = "kind" in given ? given : await command.run(given);
    if (outcome.kind === "running") throw new Error("the command goes on");
    return { outcome, lines: (outcome.lines ?? []).join("\n"), out: `${file}.out` };
  }

  it("writes report-only with the alias that the constructs make", async () => {
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    authorizer.secure(DOCUMENT, "rest", { withoutAuthorizer: true, reportOnly: true });
    const [alias] = propertiesOf(stack, "AWS::Lambda::Alias").map(({ Name }) => String(Name));
    const { lines, out } = await run("--without-authorizer", "--report-only");
    expect(lines).toContain(`The URI must name the alias ${alias} of the Lambda`);
    expect(lines).toContain('"mode":"report"');
    const { paths, components } = JSON.parse(await readFile(out, "utf8"));
    expect(paths["/home"]).toEqual(DOCUMENT.paths["/home"]);
    const name = `report-${alias?.slice(-12)}`;
    expect(paths["/vtl/whoami"].get.security).toEqual([{ [name]: [] }]);
    expect(components.securitySchemes[name]["x-amazon-apigateway-authorizer"].authorizerUri).toBe(
      "${ReportOnlyAuthorizerUri}",
    );
  });

  it.each<[string, readonly string[], string, RegExp]>([
    [
      "a selection that selects nothing",
      ["--only", "GET /hom"],
      "done",
      /only: the document has no operation GET \/hom; did/,
    ],
    ["another authorizer", ["--report-only"], "done", /select those --without-authorizer/],
    [
      "two selections",
      ["--only", "GET /home", "--without-authorizer"],
      "misused",
      /only, below and --without-authorizer/,
    ],
    ["a TTL of report-only", ["--report-only", "--ttl", "0"], "misused", /caches nothing; leave --ttl out/],
    ["a method in small letters", ["--only", "get /home"], "misused", /only: "get \/home" is not a method/],
  ])("refuses %s", async (_, flags, kind, message) => {
    const { outcome, lines } = await run(...flags);
    expect([outcome.kind, lines]).toEqual([kind, expect.stringMatching(message)]);
  });
});

describe("an API of another app", () => {
  /** Serves an API, and creates the app that attaches it. */
  function importServed(...props: readonly Omit<ServedApiProps, "apiName" | "account">[]) {
    const { authorizer } = createAuthorizer(dist.distPath);
    const aliases = props.map((one) => {
      return authorizer.serve("rest", { ...one, apiName: "rest", account: "444455556666" } as ServedApiProps).aliasName;
    });
    const stack = new Stack(new App(), "Other", { env: { account: "444455556666", region: "eu-central-1" } });
    const attributes = { functionArn: FUNCTION, aliases, distPath: dist.distPath };
    return { stack, aliases, imported: PolicyAuthorizer.fromAttributes(stack, "Authorizer", attributes) };
  }

  function attach(
    served: readonly Omit<ServedApiProps, "apiName" | "account">[],
    ...attachments: readonly RestAttachment[]
  ) {
    const { stack, imported } = importServed(...served);
    const api = new RestApi(stack, "Api", { cloudWatchRole: false });
    for (const path of ["/home", "/vtl/whoami"]) api.root.resourceForPath(path).addMethod("GET", new MockIntegration());
    for (const one of attachments) imported.attachToRestApi(api, { ...one, apiName: "rest" });
    const authorizers = propertiesOf(stack, "AWS::ApiGateway::Authorizer");
    return { authorizers, report: judgeTemplate(Template.fromStack(stack).toJSON()) };
  }

  it("attaches step by step and report-only, each by the alias that serves it", () => {
    const { authorizers, report } = attach(
      [{}, { reportOnly: true }],
      { only: ["GET /home"] },
      { withoutAuthorizer: true, reportOnly: true },
    );
    expect(codesOf(report)).toEqual(["method.report_only GET /vtl/whoami"]);
    const reporting = authorizers.filter(({ Name }) => String(Name).startsWith("report-"));
    expect([authorizers.length, reporting.length]).toEqual([2, 1]);
    expect(reporting[0]).toMatchObject({ AuthorizerResultTtlInSeconds: 0, Type: "REQUEST" });
    expect(JSON.stringify(reporting[0]?.["AuthorizerUri"])).toMatch(/rest-report-[0-9a-f]{12}\/invocations/);
  });

  it("attaches authorizers of type TOKEN, if that is what is served", () => {
    const { authorizers, report } = attach([{ type: "TOKEN" }], { type: "TOKEN" });
    expect(authorizers.map(({ Type }) => Type)).toEqual(["TOKEN"]);
    expect(codesOf(report)).toEqual([]);
    expect(errorOf(() => attach([{}], { type: "TOKEN" }))).toMatch(/this app needs the alias rest-[0-9a-f]{12}/);
    expect(errorOf(() => attach([{}], { reportOnly: true }))).toMatch(/this app needs the alias rest-report-/);
  });

  it("is described by a document whose schemes the gate knows by their marks, and by nothing less", () => {
    const judged = (change: (scheme: Record<string, unknown>) => void = () => {}) => {
      const { stack, imported } = importServed({}, { reportOnly: true });
      const enforced = imported.secure(DOCUMENT, "rest", { apiName: "rest", only: ["GET /vtl/whoami"] });
      const both = imported.secure(enforced, "rest", { apiName: "rest", withoutAuthorizer: true, reportOnly: true });
      const schemes: Readonly<Record<string, Record<string, unknown>>> = Object(both).components.securitySchemes;
      for (const [name, scheme] of Object.entries(schemes)) if (name !== "users") change(scheme);
      return codesOf(judge(stack, imported, both));
    };
    expect(judged()).toEqual(["method.report_only POST /orders/{order_id}/refunds"]);
    const foreign = ["authorizer.foreign POST /orders/{order_id}/refunds", "authorizer.foreign GET /vtl/whoami"];
    expect(judged((scheme) => delete scheme["x-rego-authorizer"])).toEqual(foreign);
    expect(
      judged((scheme) => Object.assign(scheme, { "x-rego-authorizer": { authorizer: 1, invokes: FUNCTION } })),
    ).toEqual(foreign);
  });
});
