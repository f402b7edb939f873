import { App, Aspects, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { RequireAuthorization } from "../../infra/constructs/require-authorization.ts";
import { judgeTemplate } from "../support/gate.ts";
import { createAuthorizer, errorOf, propertiesOf } from "../support/infra.ts";
import { CHANGED_BILLING, documentsIn, OPENED_PARTS, TWO_APIS } from "../support/two-apis.ts";

// One authorizer for two APIs, in its own app and in another one.

let before: Workspace;
let after: Workspace;
let opened: Workspace;
beforeAll(async () => {
  [before, after, opened] = await Promise.all([
    createWorkspace(TWO_APIS),
    createWorkspace({ ...TWO_APIS, ...CHANGED_BILLING }),
    createWorkspace({ ...TWO_APIS, ...OPENED_PARTS }),
  ]);
  for (const { root } of [before, after, opened]) await builtIn(root, { documents: documentsIn(root) });
}, 120_000);
afterAll(async () => {
  await before[Symbol.asyncDispose]();
  await after[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
});

const distOf = ({ root }: Workspace) => `${root}/dist`;

function createApi(stack: Stack, id: string, verbs: readonly string[] = ["GET", "DELETE"]): RestApi {
  const api = new RestApi(stack, id, { cloudWatchRole: false });
  for (const verb of verbs) api.root.resourceForPath("/users/{id}").addMethod(verb, new MockIntegration());
  return api;
}

/** Lists what an API is deployed with: the ids of its deployments, and the names of its authorizers. */
function deployedOf(workspace: Workspace, apiName: string) {
  const { stack, authorizer } = createAuthorizer(distOf(workspace));
  authorizer.attachToRestApi(createApi(stack, "Api"), { apiName });
  const template = Template.fromStack(stack);
  return {
    deployments: Object.keys(template.findResources("AWS::ApiGateway::Deployment")),
    authorizers: propertiesOf(stack, "AWS::ApiGateway::Authorizer").map(({ Name }) => Name),
  };
}

describe("an API of a build with names", () => {
  it("is deployed again if its own contract changes, and not if that of another API does", () => {
    expect(deployedOf(after, "orders")).toEqual(deployedOf(before, "orders"));
    expect(deployedOf(after, "billing")).not.toEqual(deployedOf(before, "billing"));
  });

  it("must have one of the names", () => {
    const { stack, authorizer } = createAuthorizer(distOf(before));
    expect(errorOf(() => authorizer.attachToRestApi(createApi(stack, "Shop")))).toMatch(
      /dist\/ was built for the APIs orders, billing, and this one is called Shop; give it one of these names with apiName/,
    );
  });
});

describe("an API of another app", () => {
  const FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:authorizer";

  function serve() {
    const { stack, authorizer } = createAuthorizer(distOf(before));
    const { aliasName } = authorizer.serve("rest", { apiName: "orders", account: "444455556666", apiId: "a1b2c3d4e5" });
    return { stack, aliasName };
  }

  function createOther(aliases: readonly string[], attributes: object = {}) {
    const app = new App();
    const stack = new Stack(app, "Orders", { env: { account: "444455556666", region: "eu-central-1" } });
    const distPath = distOf(before);
    const authorizer = PolicyAuthorizer.fromAttributes(stack, "Authorizer", {
      ...{ functionArn: FUNCTION, aliases, distPath },
      ...attributes,
    });
    authorizer.attachToRestApi(createApi(stack, "Api"), { apiName: "orders" });
    return { app, stack };
  }

  it("may invoke the alias that the function's app makes for it, by a permission of that app", () => {
    const { stack, aliasName } = serve();
    expect(aliasName).toMatch(/^orders-[0-9a-f]{12}$/);
    expect(propertiesOf(stack, "AWS::Lambda::Alias").map(({ Name }) => Name)).toEqual([aliasName]);
    const [permission] = propertiesOf(stack, "AWS::Lambda::Permission");
    expect(permission).toMatchObject({ Principal: "apigateway.amazonaws.com", Action: "lambda:InvokeFunction" });
    expect(JSON.stringify(permission?.["SourceArn"])).toMatch(/:444455556666:a1b2c3d4e5\/authorizers\/\*/);
    expect(JSON.stringify(permission?.["FunctionName"])).toContain(aliasName);
  });

  it("names the function and the alias literally, and adds nothing but authorizers", () => {
    const { aliasName } = serve();
    const { stack } = createOther([aliasName]);
    const template = Template.fromStack(stack);
    expect(template.findResources("AWS::Lambda::Permission")).toEqual({});
    expect(template.findResources("AWS::Lambda::Function")).toEqual({});
    expect(JSON.stringify(template.toJSON())).not.toContain("ImportValue");
    const [authorizer] = propertiesOf(stack, "AWS::ApiGateway::Authorizer");
    expect(JSON.stringify(authorizer?.["AuthorizerUri"])).toContain(`functions/${FUNCTION}:${aliasName}/invocations`);
    expect(propertiesOf(stack, "AWS::ApiGateway::Method").map((one) => one["AuthorizationType"])).toEqual([
      "CUSTOM",
      "CUSTOM",
    ]);
  });

  it("passes the gate, and a method without the authorizer does not", () => {
    const { aliasName } = serve();
    const { app } = createOther([aliasName]);
    Aspects.of(app).add(new RequireAuthorization());
    expect(errorOf(() => app.synth())).toBe("nothing failed");
    const other = createOther([aliasName]);
    Aspects.of(other.app).add(new RequireAuthorization());
    createApi(other.stack, "Open", ["GET"]);
    expect(errorOf(() => other.app.synth())).toMatch(/Open.*GET \/users\/\{id\}/s);
  });

  describe("with public rules", () => {
    const open = (stack: Stack) => {
      const api = createApi(stack, "Api");
      api.root.resourceForPath("/health").addMethod("GET", new MockIntegration());
      return api;
    };
    /** Attaches an authorizer of another app, and synthesizes with the gate. */
    function attach(change: (resources: Record<string, Record<string, unknown>>) => void = () => {}) {
      const served = createAuthorizer(distOf(opened)).authorizer.serve("rest", {
        ...{ apiName: "orders", account: "444455556666", apiId: "a1b2c3d4e5" },
      });
      const stack = new Stack(new App(), "Orders", { env: { account: "444455556666", region: "eu-central-1" } });
      const attributes = { functionArn: FUNCTION, aliases: [served.aliasName], distPath: distOf(opened) };
      const imported = PolicyAuthorizer.fromAttributes(stack, "Authorizer", attributes);
      imported.attachToRestApi(open(stack), { apiName: "orders" });
      const template = Template.fromStack(stack).toJSON();
      change(template["Resources"]);
      return judgeTemplate(template);
    }

    it("has public methods that its authorizers' marks explain, which name the rules of this API alone", () => {
      let marked: unknown;
      const judgement = attach((resources) => {
        marked = Object.values(resources)
          .filter(({ Type }) => Type === "AWS::ApiGateway::Authorizer")
          .map(({ Metadata }) => Object(Metadata)["rego-authorizer"].public);
      });
      expect(judgement.findings).toEqual([]);
      expect(marked).toEqual([[{ name: "open.health", verbs: ["GET"], path: "/health", title: expect.any(String) }]]);
    });

    it("has no public method without the mark, or with a mark for another function", () => {
      const changes = (change: (mark: Record<string, unknown>) => void) =>
        attach((resources) => {
          for (const { Type, Metadata } of Object.values(resources))
            if (Type === "AWS::ApiGateway::Authorizer") change(Object(Metadata)["rego-authorizer"]);
        }).findings.map(({ code }) => code);
      expect(changes((mark) => delete mark["public"])).toEqual(["method.open"]);
      expect(changes((mark) => (mark["invokes"] = FUNCTION))).not.toEqual([]);
    });
  });

  it.each<[string, readonly string[], object, RegExp]>([
    [
      "another contract",
      ["orders-0123456789ab"],
      {},
      /this app needs the alias orders-[0-9a-f]{12}, and the function is deployed with orders-0123456789ab/,
    ],
    ["no alias", [], {}, /aliases must be names that are known at synthesis/],
    ["an alias without a contract", ["live"], {}, /aliases must be names that are known at synthesis/],
    [
      "an ARN with an alias",
      ["orders-0123456789ab"],
      { functionArn: `${FUNCTION}:live` },
      /without an alias or version/,
    ],
    ["a name", ["orders-0123456789ab"], { functionArn: "authorizer" }, /must be the ARN of a Lambda function/],
  ])("is refused with %s", (_, aliases, attributes, message) => {
    expect(errorOf(() => createOther(aliases, attributes))).toMatch(message);
  });
});
