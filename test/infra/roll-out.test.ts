import { App, CfnParameter, Duration, Stack, Tags } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ApiDefinition, MockIntegration, RestApi, SpecRestApi } from "aws-cdk-lib/aws-apigateway";
import { CfnApi, HttpApi, HttpMethod, WebSocketApi } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUrlIntegration, WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { UserPool } from "aws-cdk-lib/aws-cognito";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { PolicyAuthorizerProps } from "../../infra/constructs/policy-authorizer-props.ts";
import { createAuthorizer, createDist, errorOf, propertiesOf, type TestDist } from "../support/infra.ts";
import { ORDERS_POLICIES } from "../support/orders-policies.ts";

// What the templates of two deployments have in common and what differs: aliases, versions, authorizers and permissions.

const HOME = ORDERS_POLICIES["access/home.rego"] ?? "";
const GRANT =
  '\n# METADATA\n# title: Again\ngrants["again"] := {"roles": {"admin"}, "verbs": {"GET"}, "path": "/home"}\n';
const DENIAL =
  '\n# METADATA\n# title: Not from outside\ndenials["home"] := {"verbs": {"GET"}, "path": "/home", "unless": {"in_the_office"}}\n';

let dist: TestDist;
let moreGrants: TestDist;
let moreConditions: TestDist;
beforeAll(async () => {
  dist = await createDist();
  moreGrants = await createDist({ "access/home.rego": HOME + GRANT });
  moreConditions = await createDist({ "access/home.rego": HOME + DENIAL });
});
afterAll(async () => {
  for (const one of [dist, moreGrants, moreConditions]) await one[Symbol.asyncDispose]();
});

type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const resourcesOf = (stack: Stack, type: string): Resources => Template.fromStack(stack).findResources(type);
const idsOf = (stack: Stack, type: string) => Object.keys(resourcesOf(stack, type)).sort();

const TYPES = ["Lambda::Alias", "Lambda::Permission", "ApiGateway::Authorizer", "ApiGatewayV2::Authorizer"];
const VERSION = "AWS::Lambda::Version";
const RETAINED = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };

function createRestApi(stack: Stack, id = "Rest"): RestApi {
  const api = new RestApi(stack, id, { cloudWatchRole: false });
  for (const path of ["/home", "/admin/{proxy+}"]) {
    const verb = path === "/home" ? "GET" : "ANY";
    api.root.resourceForPath(path).addMethod(verb, new MockIntegration());
  }
  return api;
}

function createHttpApi(stack: Stack): HttpApi {
  const api = new HttpApi(stack, "Http");
  const integration = new HttpUrlIntegration("Url", "https://example.com");
  api.addRoutes({ path: "/home", methods: [HttpMethod.GET], integration });
  return api;
}

/** Attaches an API of each kind, in the stack of the authorizer or in another one. */
function deployed({ distPath }: TestDist, props: Partial<PolicyAuthorizerProps> = {}, isOther = false) {
  const { stack: own, authorizer } = createAuthorizer(distPath, props);
  const stack = isOther ? new Stack(own.node.root as App, "Other") : own;
  const rest = createRestApi(stack);
  authorizer.attachToRestApi(rest);
  authorizer.attachToHttpApi(createHttpApi(stack), { ttl: Duration.seconds(30) });
  const connectRouteOptions = { integration: new WebSocketMockIntegration("Mock") };
  authorizer.attachToWebSocketApi(new WebSocketApi(stack, "Sockets", { connectRouteOptions }));
  return { own, stack, authorizer, rest };
}

function aliasesOf(stack: Stack): readonly string[] {
  return propertiesOf(stack, "AWS::Lambda::Alias")
    .map(({ Name }) => String(Name))
    .sort();
}

describe("each API", () => {
  it("invokes its own alias of the current version, whose contract is in the version's settings", () => {
    const { stack } = deployed(dist);
    const aliases = aliasesOf(stack);
    expect(aliases.map((name) => name.replace(/[0-9a-f]{12}$/, ""))).toEqual(["Http-", "Rest-", "Sockets-"]);
    const [lambda] = propertiesOf(stack, "AWS::Lambda::Function");
    const contracts = JSON.parse(Object(lambda?.["Environment"]).Variables.API_CONTRACTS);
    const base = ["token", "method", "path"];
    expect(aliases.map((name) => contracts[name.slice(-12)])).toEqual([
      { api: "http", key: ["token", "route", "method", "path"] },
      { api: "rest", key: base },
      { api: "websocket" },
    ]);
    const [version] = idsOf(stack, VERSION);
    for (const one of Object.values(resourcesOf(stack, "AWS::Lambda::Alias"))) {
      expect(one).toMatchObject({
        ...RETAINED,
        Properties: { FunctionVersion: { "Fn::GetAtt": [version, "Version"] } },
      });
    }
    expect(Object.values(resourcesOf(stack, VERSION))).toMatchObject([RETAINED]);
    const uris = ["AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"]
      .flatMap((type) => propertiesOf(stack, type))
      .map(({ AuthorizerUri }) => /:([\w-]+)\/invocations/.exec(JSON.stringify(AuthorizerUri))?.[1]);
    expect([...new Set(uris)].sort()).toEqual(aliases);
  });

  it("may invoke its alias alone, before an authorizer names it, and as long as a deployment may name it", () => {
    const { stack } = deployed(dist);
    const permissions = resourcesOf(stack, "AWS::Lambda::Permission");
    for (const one of Object.values(permissions)) {
      const alias = /:([\w-]+-[0-9a-f]{12})"/.exec(JSON.stringify(one["Properties"]))?.[1];
      const [id = ""] = Object.entries(resourcesOf(stack, "AWS::Lambda::Alias")).find(
        ([, { Properties }]) => Object(Properties).Name === alias,
      ) ?? [""];
      expect(one).toMatchObject({ ...RETAINED, DependsOn: [id] });
    }
    for (const type of ["AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"]) {
      for (const { DependsOn } of Object.values(resourcesOf(stack, type))) {
        const needed = [DependsOn].flat().map(String);
        expect(needed.some((id) => Object.hasOwn(permissions, id))).toBe(true);
      }
    }
  });

  it("has its own contract, also beside another of its kind", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    authorizer.attachToRestApi(createRestApi(stack, "One"));
    authorizer.attachToRestApi(createRestApi(stack, "Two"), { ttl: Duration.seconds(0) });
    authorizer.attachToRestApi(createRestApi(stack, "Three"), { ttl: Duration.seconds(5) });
    const contracts = Object.fromEntries(aliasesOf(stack).map((name) => [name.slice(0, -13), name.slice(-12)]));
    expect(contracts["Two"]).not.toBe(contracts["One"]);
    // The time for which a response is cached is not what it relies on.
    expect(contracts["Three"]).toBe(contracts["One"]);
  });

  it("has the name that it is given, or one of its path, and no other API has it", () => {
    const attach = (names: readonly (string | undefined)[], ids: readonly string[]) =>
      errorOf(() => {
        const { stack, authorizer } = createAuthorizer(dist.distPath);
        for (const [at, id] of ids.entries()) {
          const apiName = names[at];
          authorizer.attachToRestApi(createRestApi(stack, id), { ...(apiName !== undefined && { apiName }) });
        }
        throw new Error(
          aliasesOf(stack)
            .map((name) => name.slice(0, -13))
            .join(),
        );
      });
    expect(attach(["orders", undefined], ["A", "B_é"])).toBe("B,orders");
    expect(attach([], ["x".repeat(100)])).toMatch(/^x{55}-[0-9a-f]{8}$/);
    expect(attach(["same", "same"], ["A", "B"])).toContain(
      "Test/B and Test/A would both be called same, and the alias must tell them apart; give one of them another apiName",
    );
    for (const name of ["", "a_b", "-a", "a-", "a".repeat(65)]) {
      expect(attach([name], ["A"])).toContain("apiName must have letters, digits and single hyphens between them");
    }
  });
});

describe("a deployment", () => {
  it("that changes only grants moves the aliases to a new version, and changes nothing else", () => {
    const [before, after] = [deployed(dist), deployed(moreGrants)];
    for (const type of [...TYPES, "ApiGateway::Deployment"].map((name) => `AWS::${name}`)) {
      expect(idsOf(after.stack, type)).toEqual(idsOf(before.stack, type));
    }
    expect(idsOf(after.stack, VERSION)).not.toEqual(idsOf(before.stack, VERSION));
  });

  it("that changes what a response relies on has new aliases, permissions, authorizers and deployments", () => {
    const [before, after] = [deployed(dist), deployed(moreConditions)];
    for (const type of [...TYPES, "ApiGateway::Deployment"].map((name) => `AWS::${name}`)) {
      const old = idsOf(before.stack, type);
      // A WebSocket API has an authorizer that depends on the policy, too, but every contract has the policy's id.
      expect(idsOf(after.stack, type).filter((id) => old.includes(id))).toEqual([]);
    }
    const namesOf = (stack: Stack) => propertiesOf(stack, "AWS::ApiGateway::Authorizer").map(({ Name }) => Name);
    expect(namesOf(after.stack).filter((name) => namesOf(before.stack).includes(name))).toEqual([]);
  });

  it.each<[string, Partial<PolicyAuthorizerProps>]>([
    ["another place of the token", { tokenSource: "header:X-Token" }],
    ["a key for usage plans", { usageKeyClaim: "api_key" }],
    ["another generation", { contractGeneration: 2 }],
  ])("with %s has a new alias of a REST API", (_, props) => {
    const restOf = (one: ReturnType<typeof deployed>) => aliasesOf(one.stack).find((name) => name.startsWith("Rest"));
    expect(restOf(deployed(dist, props))).not.toBe(restOf(deployed(dist)));
    expect(restOf(deployed(dist, { clockTolerance: Duration.seconds(5) }))).toBe(restOf(deployed(dist)));
  });

  it("by CodeDeploy has the same aliases and the same exports", () => {
    const [plain, released] = [deployed(dist, {}, true), deployed(dist, { release: {} }, true)];
    expect(aliasesOf(released.own)).toEqual(aliasesOf(plain.own));
    expect(idsOf(released.own, "AWS::CodeDeploy::DeploymentGroup")).toHaveLength(3);
    expect(Template.fromStack(released.stack).toJSON()).toEqual(Template.fromStack(plain.stack).toJSON());
  });

  it("in two stacks exports the function alone, whatever changes", () => {
    const outputs = [deployed(dist, {}, true), deployed(moreConditions, {}, true)].map(({ own, stack }) => {
      expect(idsOf(stack, "AWS::Lambda::Alias")).toEqual([]);
      expect(idsOf(own, "AWS::Lambda::Alias")).toHaveLength(3);
      const outputsOf = Object.entries(Template.fromStack(own).findOutputs("*"));
      return outputsOf.filter(([, { Export }]) => Export !== undefined).map(([id]) => id);
    });
    expect(outputs[0]).toHaveLength(1);
    expect(outputs[1]).toEqual(outputs[0]);
  });

  it("of methods in another stack has their authorizers there, so that no export is removed with a contract", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const api = createRestApi(stack);
    authorizer.attachToRestApi(api);
    const other = new Stack(stack.node.root as App, "Other");
    const { restApiId } = api;
    const imported = RestApi.fromRestApiAttributes(other, "Api", { restApiId, rootResourceId: api.root.resourceId });
    imported.root.resourceForPath("/vtl/whoami").addMethod("GET", new MockIntegration());
    const [[id = "", one = {}] = []] = Object.entries(resourcesOf(other, "AWS::ApiGateway::Authorizer"));
    expect(propertiesOf(other, "AWS::ApiGateway::Method")).toMatchObject([{ AuthorizerId: { Ref: id } }]);
    expect(Object(one["Properties"]).Name).toMatch(/^token-[0-9a-f]{12}-[0-9a-f]{8}$/);
    const names = propertiesOf(stack, "AWS::ApiGateway::Authorizer").map(({ Name }) => Name);
    expect(names).not.toContain(Object(one["Properties"]).Name);
  });
});

describe("a version", () => {
  const createWith = (change: (stack: Stack) => Partial<PolicyAuthorizerProps>) => {
    const stack = new Stack(new App(), "Test");
    const trustedIssuers = [{ issuer: "https://a.example", audience: ["api"], jwksUri: "https://a.example/keys" }];
    const props = { distPath: dist.distPath, trustedIssuers, ...change(stack) };
    new PolicyAuthorizer(stack, "Authorizer", props).attachToRestApi(createRestApi(stack));
    return stack;
  };
  const issuedBy = (issuer: string) => ({
    trustedIssuers: [{ issuer, audience: ["api"], jwksUri: "https://a.example/keys" }],
  });
  const descriptionOf = (stack: Stack) => propertiesOf(stack, VERSION).map(({ Description }) => Description);

  it("is replaced if a value changes that is known at deployment only", () => {
    const byParameter = createWith((stack) => issuedBy(new CfnParameter(stack, "Issuer").valueAsString));
    expect(descriptionOf(byParameter)).toEqual([{ Ref: "Issuer" }]);
    const byPool = createWith((stack) => {
      const userPool = new UserPool(stack, "Users");
      const clients = [userPool.addClient("Web", { authFlows: { user: false }, oAuth: { scopes: [] } })];
      return { trustedIssuers: [{ userPool, clients, tokenUse: "any", acknowledgeWritableClaims: true }] };
    });
    expect(descriptionOf(byPool)).toEqual([
      { "Fn::Join": [" ", [{ Ref: expect.stringMatching(/^Users/) }, { Ref: expect.stringMatching(/^UsersWeb/) }]] },
    ]);
    const byMemory = createWith((stack) => ({
      memorySize: new CfnParameter(stack, "Memory", { type: "Number" }).valueAsNumber,
    }));
    expect(descriptionOf(byMemory)).toEqual([{ Ref: "Memory" }]);
    expect(descriptionOf(createWith(() => ({})))).toEqual([undefined]);
  });

  it("is replaced if such a value comes by an override of the function's template", () => {
    const stack = createWith((own) => issuedBy(new CfnParameter(own, "Issuer").valueAsString));
    const { defaultChild } = stack.node
      .findChild("Authorizer")
      .node.findChild("Function")
      .node.findChild("Lambda").node;
    const zone = new CfnParameter(stack, "Zone").valueAsString;
    (defaultChild as CfnFunction).addPropertyOverride("Environment.Variables.TZ", zone);
    expect(descriptionOf(stack)).toEqual([{ "Fn::Join": [" ", [{ Ref: "Issuer" }, { Ref: "Zone" }]] }]);
  });

  it("can't be synthesised with more such values than it can be told apart by, or with one whose changes nobody notices", () => {
    const many = errorOf(() =>
      descriptionOf(
        createWith((stack) => {
          const issuer = (at: number) => new CfnParameter(stack, `Issuer${at}`).valueAsString;
          const jwksUri = "https://a.example/keys";
          return {
            trustedIssuers: Array.from({ length: 7 }, (_, at) => ({
              name: `i${at}`,
              issuer: issuer(at),
              audience: ["a"],
              jwksUri,
            })),
          };
        }),
      ),
    );
    expect(many).toContain("the settings of the authorizer have 7 values that are known at deployment only");
    const withAudience = (audience: string | ((stack: Stack) => string)) =>
      errorOf(() =>
        descriptionOf(
          createWith((stack) => {
            const text = typeof audience === "string" ? audience : audience(stack);
            return {
              trustedIssuers: [{ issuer: "https://a.example", audience: [text], jwksUri: "https://a.example/k" }],
            };
          }),
        ),
      );
    expect(withAudience("{{resolve:ssm:/audience}}")).toContain(
      "has {{resolve:ssm:/audience}}, and CloudFormation does not notice",
    );
    expect(withAudience("{{resolve:ssm:/audience:3}}")).toBe("nothing failed");
    const named = (stack: Stack) => `{{resolve:ssm:/${new CfnParameter(stack, "Name").valueAsString}}}`;
    expect(withAudience(named)).toContain("has {{resolve:ssm:/, and CloudFormation does not notice");
  });

  it("does not change with tags, since CloudFormation fails if it publishes one in which nothing differs", () => {
    const tagged = createWith((stack) => {
      Tags.of(stack).add("team", "orders");
      return {};
    });
    expect(propertiesOf(tagged, "AWS::Lambda::Function")[0]).toHaveProperty("Tags");
    expect(idsOf(tagged, VERSION)).toEqual(
      idsOf(
        createWith(() => ({})),
        VERSION,
      ),
    );
  });
});

describe("authorizers that are deployed already, and name no alias", () => {
  it("get responses if they rely on the contract of this policy, and synthesis fails if they may rely on another", () => {
    const withContract = (unqualifiedContract: string) => deployed(dist, { unqualifiedContract });
    const [lambda] = propertiesOf(deployed(dist).stack, "AWS::Lambda::Function");
    const { CACHE_CONTRACT, ...others } = Object(lambda?.["Environment"]).Variables;
    expect(others).not.toHaveProperty("UNQUALIFIED_CONTRACT");
    const { id } = JSON.parse(CACHE_CONTRACT);
    const [accepting] = propertiesOf(withContract(id).stack, "AWS::Lambda::Function");
    expect(Object(accepting?.["Environment"]).Variables.UNQUALIFIED_CONTRACT).toBe(id);
    expect(errorOf(() => withContract("sha256:other"))).toContain(`unqualifiedContract is not ${id}`);
  });
});

describe("an API that is made from a document", () => {
  const paths = { "/home": { get: {} } };
  const secured = (authorizer: PolicyAuthorizer, apiName?: string) =>
    authorizer.secure({ openapi: "3.0.1", paths }, "rest", { ...(apiName !== undefined && { apiName }) });

  it("may invoke its alias before its deployment is created", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const apiDefinition = ApiDefinition.fromInline(secured(authorizer, "orders"));
    authorizer.allow(new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition }), { apiName: "orders" });
    const [permission = ""] = idsOf(stack, "AWS::Lambda::Permission");
    const [alias = ""] = idsOf(stack, "AWS::Lambda::Alias");
    expect(aliasesOf(stack)[0]).toMatch(/^orders-[0-9a-f]{12}$/);
    const dependsOf = (type: string) => Object.values(resourcesOf(stack, type)).map(({ DependsOn }) => DependsOn);
    expect(dependsOf("AWS::ApiGateway::Deployment")[0]).toContain(permission);
    expect(dependsOf("AWS::ApiGateway::RestApi")[0]).toContain(alias);
  });

  /** An HTTP API from a document, as its resource or as an imported API that stands for it. */
  function allowed(apiId?: string, isImported = false) {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const body = authorizer.secure({ openapi: "3.0.1", paths }, "http");
    const resource = new CfnApi(stack, "Api", { body });
    const api = isImported ? HttpApi.fromHttpApiAttributes(stack, "Imported", { httpApiId: resource.ref }) : resource;
    authorizer.allow(api, { ...(apiId !== undefined && { apiId }) });
    const [own] = Object.values(resourcesOf(stack, "AWS::ApiGatewayV2::Api"));
    const permissions = Object.entries(resourcesOf(stack, "AWS::Lambda::Permission")).map(([id, { Properties }]) => {
      const source = JSON.stringify(Object(Properties).SourceArn);
      return { isBefore: [own?.["DependsOn"]].flat().includes(id), source };
    });
    const [alias] = idsOf(stack, "AWS::Lambda::Alias");
    return { waitsForAlias: [own?.["DependsOn"]].flat().includes(alias), permissions };
  }

  it.each([false, true])("waits for its alias and, with its id, for its permission (imported: %s)", (isImported) => {
    const unknown = allowed(undefined, isImported);
    expect([unknown.waitsForAlias, unknown.permissions.map(({ isBefore }) => isBefore)]).toEqual([true, [false]]);
    const known = allowed("a1b2c3d4e5", isImported);
    expect([known.waitsForAlias, known.permissions.map(({ isBefore }) => isBefore).sort()]).toEqual([
      true,
      [false, true],
    ]);
    expect(JSON.stringify(known.permissions.find(({ isBefore }) => isBefore))).toContain("a1b2c3d4e5/authorizers/*");
  });

  it.each(["", "A1B2C3D4E5", "https://a1b2c3d4e5.example.com", "${Token[TOKEN.1]}"])(
    "is refused with %j as its id",
    (apiId) => {
      expect(errorOf(() => allowed(apiId))).toContain("apiId: must be the id of Test/Api");
    },
  );

  it("is refused if nobody secured a document with its name", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const apiDefinition = ApiDefinition.fromInline(secured(authorizer));
    const api = new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition });
    expect(errorOf(() => authorizer.allow(api, { apiName: "other" }))).toContain(
      "Test/Api is allowed before a document of it was secured or checked",
    );
  });

  it("is refused if its document names another alias", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const text = JSON.stringify(stack.resolve(secured(authorizer)));
    expect(errorOf(() => authorizer.check(JSON.parse(text), "rest"))).toBe("nothing failed");
    const other = text.replaceAll(/:rest-[0-9a-f]{12}\/invocations/g, ":live/invocations");
    expect(other).not.toBe(text);
    expect(errorOf(() => authorizer.check(JSON.parse(other), "rest"))).toMatch(
      /does not name the alias rest-[0-9a-f]{12}, which says how the API caches responses/,
    );
  });
});
