import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Duration, Stack } from "aws-cdk-lib";
import { ApiDefinition, SpecRestApi } from "aws-cdk-lib/aws-apigateway";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse as parseYaml } from "yaml";
import type { PolicyAuthorizer } from "../../../infra/constructs/policy-authorizer.ts";
import {
  createAuthorizer,
  createDist,
  errorOf,
  OPENAPI_FILE,
  propertiesOf,
  type TestDist,
} from "../../support/infra.ts";

let dist: TestDist;
let document: unknown;
beforeAll(async () => {
  dist = await createDist();
  document = parse(await readFile(OPENAPI_FILE, "utf8"));
});
afterAll(() => dist[Symbol.asyncDispose]());

/** Takes the contract off the names of schemes. */
const withoutContracts = (text: string) => text.replaceAll(/(policy-[\w.-]+?)-[0-9a-f]{12}\b/g, "$1");
const securedBy = (authorizer: PolicyAuthorizer, ...args: Parameters<PolicyAuthorizer["secure"]>): object =>
  JSON.parse(withoutContracts(JSON.stringify(authorizer.secure(...args))));
const parse = (text: string) => parseYaml(withoutContracts(text));

const schemesIn = (secured: unknown) => Object(secured).components.securitySchemes;
const authorizerIn = (secured: unknown, name: string) => schemesIn(secured)[name]["x-amazon-apigateway-authorizer"];

/** The cache contract in the Lambda's environment. */
const contractIn = (stack: Stack) => {
  const [lambda] = propertiesOf(stack, "AWS::Lambda::Function");
  return JSON.parse(Object(lambda?.["Environment"]).Variables.CACHE_CONTRACT);
};

describe("a document with the authorizers written into it", () => {
  it("has a scheme for each class, and security at each operation", () => {
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    const secured = securedBy(authorizer, document, "rest", { ttl: Duration.seconds(30) });
    const uri = stack.resolve(authorizerIn(secured, "policy-token").authorizerUri);
    expect(JSON.stringify(uri)).toContain("lambda:path/2015-03-31/functions/");
    const schemes = Object.keys(schemesIn(secured)).map((name) => {
      const { type, identitySource, authorizerResultTtlInSeconds } = authorizerIn(secured, name);
      return [name, type, identitySource, authorizerResultTtlInSeconds];
    });
    const key = "method.request.header.Authorization, context.httpMethod, context.path";
    expect(schemes).toEqual([
      ["policy-never", "request", "method.request.header.Authorization", 0],
      ["policy-request", "request", `${key}, context.identity.sourceIp`, 30],
      ["policy-token", "request", key, 30],
    ]);
    const { paths } = Object(secured);
    expect([paths["/home"].get.security, paths["/orders/{order_id}/refunds"].post.security]).toEqual([
      [{ "policy-token": [] }],
      [{ "policy-never": [] }],
    ]);
  });

  it("makes an API that may invoke the Lambda, and whose cache key is in the Lambda's contract", () => {
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    const apiDefinition = ApiDefinition.fromInline(securedBy(authorizer, document, "rest"));
    authorizer.allow(new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition }));
    expect(propertiesOf(stack, "AWS::Lambda::Permission")).toHaveLength(1);
    expect(contractIn(stack)).toMatchObject({ rest: ["token", "method", "path"] });
  });

  it("of an HTTP API has payload 2.0, and the token alone as identity source while nothing is cached", () => {
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    const secured = stack.resolve(securedBy(authorizer, document, "http"));
    const never = authorizerIn(secured, "policy-never");
    expect(never).toMatchObject({
      authorizerPayloadFormatVersion: "2.0",
      enableSimpleResponses: false,
      authorizerResultTtlInSeconds: 0,
      identitySource: "$request.header.Authorization",
    });
    expect(authorizerIn(secured, "policy-token").identitySource).toBe("$request.header.Authorization");
    expect(contractIn(stack)).not.toHaveProperty("http");
  });

  it("of an HTTP API has the whole key at all authorizers once it caches responses, whatever another API does", () => {
    const key = "$request.header.Authorization, $context.routeKey, $context.httpMethod, $context.path";
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    const uncached = securedBy(authorizer, document, "http");
    const cached = securedBy(authorizer, document, "http", { ttl: Duration.seconds(30) });
    const sourcesOf = (secured: object) =>
      ["policy-never", "policy-token"].map((name) => authorizerIn(stack.resolve(secured), name).identitySource);
    expect([sourcesOf(uncached), sourcesOf(cached)]).toEqual([
      ["$request.header.Authorization", "$request.header.Authorization"],
      [key, key],
    ]);
    expect(contractIn(stack)).toMatchObject({ http: ["token", "route", "method", "path"] });
  });

  it("of Swagger 2 has its schemes in securityDefinitions; IAM and preflights stay", () => {
    const iam = { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" };
    const signed = { security: [{ iam: [] }] };
    const preflight = { "x-amazon-apigateway-integration": { type: "mock" } };
    const swagger = {
      swagger: "2.0",
      securityDefinitions: { iam, other: { type: "oauth2" } },
      paths: { "/home": { get: { security: [{ other: [] }] }, put: signed, options: preflight } },
    };
    const { authorizer } = createAuthorizer(dist.distPath);
    const { securityDefinitions, paths } = Object(securedBy(authorizer, swagger, "rest"));
    expect([Object.keys(securityDefinitions), paths["/home"]]).toEqual([
      ["iam", "other", "policy-token"],
      { get: { security: [{ "policy-token": [] }] }, put: signed, options: preflight },
    ]);
  });

  it("can't be made with operations that are open, unknown or not visible", () => {
    const { authorizer } = createAuthorizer(dist.distPath);
    const failure = (paths: object) => errorOf(() => securedBy(authorizer, { openapi: "3.0.3", paths }, "rest"));
    expect(failure({ "/home": { get: { security: [] } } })).toContain(
      "GET /home is open to everybody in the document, and no public rule of the policy says so; write public",
    );
    expect(failure({ "/other": { get: {} } })).toContain("GET /other is not among the routes that dist/ was built for");
    expect(failure({})).toContain("the API's document has no visible operation");
    expect(failure({ "/home": { get: { "x-amazon-apigateway-auth": { type: "custom" } } } })).toContain(
      'GET /home sets x-amazon-apigateway-auth to "custom", which contradicts its security; remove it',
    );
    expect(failure({ "/home": { get: { security: [{ other: [] }] } } })).toContain(
      "GET /home names the security scheme other, which the document does not define",
    );
  });

  it.each(["$ref", "<<", "GET", "trace", "Fn::Transform", "X-Amazon-Apigateway-Any-Method"])(
    "can't have a path with %s",
    (key) => {
      const { authorizer } = createAuthorizer(dist.distPath);
      const secure = (item: object) =>
        errorOf(() => securedBy(authorizer, { openapi: "3.0.3", paths: { "/home": item } }, "rest"));
      expect(secure({ get: {}, parameters: [], summary: "", description: "", servers: [], "x-a": {} })).toBe(
        "nothing failed",
      );
      expect(secure({ get: {}, [key]: {} })).toContain(
        `/home: the operations that ${JSON.stringify(key)} stands for are not visible in the document; write them out, with methods in lower case`,
      );
    },
  );

  it("has each operation's own authorizer, even if two operations are the same object", () => {
    const { authorizer } = createAuthorizer(dist.distPath);
    const shared = { responses: {} };
    const both = { openapi: "3.0.3", paths: { "/home": { get: shared }, "/orders/{id}/refunds": { post: shared } } };
    const { paths } = Object(securedBy(authorizer, both, "rest"));
    expect([paths["/home"].get.security, paths["/orders/{id}/refunds"].post.security, shared]).toEqual([
      [{ "policy-token": [] }],
      [{ "policy-never": [] }],
      { responses: {} },
    ]);
  });
});

describe("a document with authorizers", () => {
  const failure = (change: (secured: Record<string, never>) => void) => {
    const { authorizer } = createAuthorizer(dist.distPath);
    const secured = structuredClone(new Stack().resolve(securedBy(authorizer, document, "rest")));
    change(secured);
    return errorOf(() => authorizer.check(secured, "rest"));
  };

  it("passes unchanged", () => {
    expect(failure(() => {})).toBe("nothing failed");
  });

  it.each<[string, (secured: unknown) => void, string]>([
    [
      "an open operation",
      (secured) => delete Object(secured).paths["/home"].get.security,
      "the operation GET /home has no security of its own, so it is open to everybody",
    ],
    [
      "an operation that was not in the document of the build",
      (secured) => {
        Object(secured).paths["/x"] = { get: { security: [{ "policy-token": [] }] } };
      },
      "GET /x is not among the routes that dist/ was built for",
    ],
    [
      "a TTL for responses that must not be cached",
      (secured) => {
        authorizerIn(secured, "policy-never").authorizerResultTtlInSeconds = 5;
      },
      "POST /orders/{order_id}/refunds caches responses for 5 seconds, but its responses must not be cached",
    ],
    [
      "no TTL, which means 300 seconds",
      (secured) => delete authorizerIn(secured, "policy-never").authorizerResultTtlInSeconds,
      "POST /orders/{order_id}/refunds caches responses for 300 seconds, but its responses must not be cached",
    ],
    [
      "a key without the path",
      (secured) => {
        authorizerIn(secured, "policy-token").identitySource =
          "method.request.header.Authorization, context.httpMethod";
      },
      "GET /home caches responses without context.path in the cache key",
    ],
    [
      "a TTL of more than an hour",
      (secured) => {
        authorizerIn(secured, "policy-token").authorizerResultTtlInSeconds = 3601;
      },
      "GET /home caches responses for 3601 seconds, more than the 3600 that API Gateway allows",
    ],
    [
      "a reference beside an operation",
      (secured) => {
        Object(secured).paths["/home"].$ref = "#/x";
      },
      '/home: the operations that "$ref" stands for are not visible in the document; write them out',
    ],
    [
      "a transform among the paths",
      (secured) => {
        Object(secured).paths["Fn::Transform"] = { Name: "AWS::Include" };
      },
      '"Fn::Transform" is not a path',
    ],
    [
      "a transform in an operation",
      (secured) => {
        Object(secured).paths["/home"].get["Fn::Transform"] = { Name: "AWS::Include" };
      },
      "the content that Fn::Transform inserts is not visible in the document",
    ],
    [
      "a second alternative",
      (secured) => {
        const { securitySchemes } = Object(secured).components;
        securitySchemes.other = structuredClone(securitySchemes["policy-token"]);
        Object(secured).paths["/home"].get.security = [{ "policy-token": [] }, { other: [] }];
      },
      "GET /home has several alternatives in its security",
    ],
    [
      "an alternative that is empty",
      (secured) => {
        Object(secured).paths["/home"].get.security = [{}];
      },
      "GET /home has an empty alternative in its security, so it is open to everybody",
    ],
    [
      "a missing scheme beside an existing one",
      (secured) => {
        Object(secured).paths["/home"].get.security = [{ "policy-token": [], constructor: [] }];
      },
      "GET /home names constructor, which is not an authorizer of API Gateway",
    ],
    [
      "a second scheme that caches responses under the token alone",
      (secured) => {
        const { securitySchemes } = Object(secured).components;
        securitySchemes.other = structuredClone(securitySchemes["policy-token"]);
        securitySchemes.other["x-amazon-apigateway-authorizer"].identitySource = "method.request.header.Authorization";
        Object(secured).paths["/home"].get.security = [{ "policy-token": [], other: [] }];
      },
      "GET /home caches responses without context.httpMethod, context.path in the cache key",
    ],
    [
      "an authorizer that invokes another Lambda than the others",
      (secured) => {
        authorizerIn(secured, "policy-never").authorizerUri = "arn:aws:apigateway:other";
      },
      "the authorizers invoke several Lambdas, and only one of them has the policy; use one authorizerUri: ",
    ],
    [
      "an authorizer without a type",
      (secured) => delete authorizerIn(secured, "policy-token").type,
      "is not an authorizer",
    ],
    ...["", "0", null, -1, 0.5, { Ref: "Ttl" }].map((ttl): [string, (secured: unknown) => void, string] => [
      `the TTL ${JSON.stringify(ttl)}`,
      (secured) => {
        authorizerIn(secured, "policy-never").authorizerResultTtlInSeconds = ttl;
      },
      `POST /orders/{order_id}/refunds has the TTL ${JSON.stringify(ttl)}, which is not a whole number of seconds`,
    ]),
    ...["NONE", "AWS_IAM", undefined].map((type): [string, (secured: unknown) => void, string] => [
      `x-amazon-apigateway-auth of the type ${type}`,
      (secured) => {
        Object(secured).paths["/home"].get["x-amazon-apigateway-auth"] = { type };
      },
      `sets x-amazon-apigateway-auth to ${JSON.stringify(type) ?? "nothing"}, which contradicts its security; remove it`,
    ]),
  ])("is refused with %s", (_, change, cause) => {
    expect(failure(change)).toContain(cause);
  });

  it("passes with IAM authorization, declared once or twice", () => {
    const withIam = (operation: object) =>
      failure((secured) => {
        Object(secured).components.securitySchemes.iam = { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" };
        Object(secured).paths["/home"].get = { security: [{ iam: [] }], ...operation };
      });
    expect(withIam({})).toBe("nothing failed");
    expect(withIam({ "x-amazon-apigateway-auth": { type: "aws_iam" } })).toBe("nothing failed");
    expect(withIam({ "x-amazon-apigateway-auth": { type: "none" } })).toContain(
      'sets x-amazon-apigateway-auth to "none"',
    );
  });
});

describe("rego-authorizer openapi", () => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(process.cwd(), "cli/main.ts"), "openapi", ...args], {
      cwd: join(dist.distPath, ".."),
    }).catch((error: { readonly stdout: string; readonly stderr: string; readonly code: number }) => error);

  const withFile = async (text: string, use: (file: string) => Promise<void>) => {
    const file = join(dist.distPath, "../document.yaml");
    await writeFile(file, text);
    await use(file);
  };

  it("writes the document back with its comments and its order", async () => {
    const file = join(process.cwd(), OPENAPI_FILE);
    const { stdout, stderr } = await run(file);
    expect(stdout.startsWith((await readFile(file, "utf8")).slice(0, 200))).toBe(true);
    expect(authorizerIn(parse(stdout), "policy-token")).toMatchObject({
      authorizerUri: "${AuthorizerUri}",
      authorizerResultTtlInSeconds: 60,
    });
    expect(stderr).toMatch(
      /^The Lambda needs CACHE_CONTRACT='\{"id":"sha256:[0-9a-f]+","token_source":"header:Authorization","rest":\["token","method","path"\]\}'$/m,
    );
    const json = await run(file, "--format", "json", "--api", "http", "--uri", "arn:x");
    expect(authorizerIn(JSON.parse(withoutContracts(json.stdout)), "policy-token")).toMatchObject({
      authorizerUri: "arn:x",
      authorizerResultTtlInSeconds: 0,
    });
    expect(json.stdout).not.toContain("$context.");
    expect(json.stderr).toMatch(
      /^The Lambda needs CACHE_CONTRACT='\{"id":"sha256:[0-9a-f]+","token_source":"header:Authorization"\}'$/m,
    );
    const cached = await run(file, "--api", "http", "--ttl", "30");
    expect(authorizerIn(parse(cached.stdout), "policy-never").identitySource).toContain("$context.routeKey");
  });

  it("says in one line that an alias refers to itself, or that the file can't be written", async () => {
    await withFile("openapi: 3.0.3\nx-a: &a { b: *a }\npaths: { /home: { get: {} } }\n", async (file) => {
      expect(await run(file)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^.*: has aliases that can't be followed: .*\n$/),
      });
    });
    expect(await run(join(process.cwd(), OPENAPI_FILE), "--out", "/nowhere/a.yaml")).toMatchObject({
      code: 2,
      stderr: "/nowhere/a.yaml: can't be written\n",
    });
  });

  it("takes the token source from the environment, and says if it is not valid", async () => {
    const file = join(process.cwd(), OPENAPI_FILE);
    vi.stubEnv("TOKEN_SOURCE", "bogus");
    expect(await run(file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "TOKEN_SOURCE: must be header:<name>, query:<name>, cookie:<name> or subprotocol",
      ),
    });
    vi.stubEnv("TOKEN_SOURCE", "query:token");
    expect(authorizerIn(parse((await run(file)).stdout), "policy-never").identitySource).toContain(
      "method.request.querystring.token",
    );
    vi.unstubAllEnvs();
  });

  it("prints its usage with --help, without an error", async () => {
    expect(await run("--help")).toMatchObject({
      stdout: expect.stringContaining("rego-authorizer openapi FILE"),
      stderr: "",
    });
  });

  it("reports errors", async () => {
    expect(await run("/nowhere.yaml")).toMatchObject({ code: 2, stderr: "/nowhere.yaml: can't be read\n" });
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining("rego-authorizer openapi FILE") });
    expect(await run(OPENAPI_FILE, "--ttl", "4000")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("0 to 3600"),
    });
  });
});
