import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { WHERE_CODES_ARE_EXPLAINED } from "../../build/policy/problem.ts";
import type { Manifest } from "../../contract/manifest.ts";
import { buildIn, builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { startLambda } from "../../local/lambda.ts";
import { documentAllowing } from "../support/documents.ts";
import { changed, createEvent, redirected } from "../support/events.ts";
import { CLIENT_ID, createTestIssuer, USER_POOL_ID } from "../support/tokens.ts";

// The command, and the handler as built, under the cache contract that the command prints.

const MAIN = join(import.meta.dirname, "..", "..", "cli", "main.ts");

/** Conditions with every kind of cache-key dependency, and areas whose rules use them. */
const POLICIES = {
  "access/roles.rego": 'package access.roles\n\ncustomer := {"groups": {"Customers"}}\n',
  "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

recent if input.now_s - values.number(input.principal.claims.auth_time) < 3600

office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)

# METADATA
# custom:
#   required: [request.headers.x-tenant]
blue if input.request.headers["x-tenant"][0] == "blue"

by_phone if input.request.headers["x-device"][0] == "phone"

senior if values.number(input.principal.claims.level) >= 3
`,
  "access/area.rego": `package access.area

grants["home"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}

grants["own"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{id}",
	"where": {"id": "custom:id"},
	"when": {"senior"},
}

grants["office"] := {"roles": {"customer"}, "verbs": {"PUT"}, "path": "/office", "when": {"office"}}

grants["tenant"] := {"roles": {"customer"}, "verbs": {"PUT"}, "path": "/tenant", "when": {"office", "blue"}}

grants["phone"] := {"roles": {"customer"}, "verbs": {"PUT"}, "path": "/phone", "when": {"by_phone", "recent"}}
`,
};

const OPENAPI = `openapi: 3.0.1
paths:
  /home: { get: {}, options: { security: [] } }
  /customers/{customer_id}: { get: {} }
  /office: { put: {} }
  /tenant: { put: {} }
  /phone: { put: {} }
`;

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace(POLICIES);
  await writeFile(join(workspace.root, "openapi.yaml"), OPENAPI);
});
afterAll(() => workspace[Symbol.asyncDispose]());

function run(...args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "cache-contract", ...args], {
    cwd: workspace.root,
    env,
    encoding: "utf8",
  });
  return { status, stdout, lines: stderr.split("\n").filter((line) => line !== "") };
}

describe("rego-authorizer cache-contract", () => {
  it("prints a table of routes with their classes and reasons, and the authorizers to create", () => {
    const { stdout } = run("--openapi", "openapi.yaml", "--ttl", "120");
    const [routes = "", ...authorizers] = stdout.split("\n\n");
    expect(routes.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["ROUTE", "CLASS", "AUTHORIZER", "READS BESIDES THE TOKEN"],
      ["GET", "/customers/{customer_id}", "token", "token"],
      ["GET", "/home", "token", "token"],
      ["PUT", "/office", "request", "request", "request.source_ip (office)"],
      ["PUT", "/phone", "never", "never", "now_s (recent); request.headers.x-device (by_phone)"],
      [
        "PUT",
        "/tenant",
        "request",
        "request-header.x-tenant",
        "request.headers.x-tenant (blue); request.source_ip (office)",
      ],
    ]);
    expect(authorizers.join("\n\n")).toContain(`request-header.x-tenant: a cached response is for one method and path
  in the cache key: header.x-tenant, which blue reads
  in the cache key: source_ip, which office reads
  REST  TTL 120 s  method.request.header.Authorization, context.httpMethod, context.path, method.request.header.x-tenant, context.identity.sourceIp
`);
    expect(stdout).toContain("never: no response is cached\n  REST  TTL 0 s");
    expect(stdout).toContain("Requests without header x-tenant get 401 from API Gateway where the cache key has it.");
  });

  it("uses the paths that the policy names, where no routes are given", () => {
    const { routes } = JSON.parse(run("--format", "json").stdout);
    expect(routes.map(({ path }: { path: string }) => path)).toEqual([
      "/customers/{id}",
      "/home",
      "/office",
      "/phone",
      "/tenant",
    ]);
  });

  it("prints JSON for one kind of API or for both", () => {
    const both = JSON.parse(run("--format", "json", "--openapi", "openapi.yaml").stdout);
    expect(both.settings.http.find(({ name }: { name: string }) => name === "token")).toEqual({
      name: "token",
      ttlS: 60,
      identitySources: ["$request.header.Authorization", "$context.routeKey", "$context.httpMethod", "$context.path"],
    });
    const { settings, CACHE_CONTRACT, API_CONTRACTS, aliases } = JSON.parse(
      run("--format", "json", "--api", "rest", "--api-name", "orders").stdout,
    );
    expect(aliases.rest).toMatch(/^orders-[0-9a-f]{12}$/);
    expect(JSON.parse(API_CONTRACTS)[aliases.rest.slice(-12)]).toMatchObject({ api: "rest", key: expect.any(Array) });
    expect(both.aliases.http).toMatch(/^http-[0-9a-f]{12}$/);
    expect([Object.keys(settings), Object.keys(JSON.parse(CACHE_CONTRACT))]).toEqual([
      ["rest"],
      ["id", "token_source", "rest"],
    ]);
  });

  it("prints settings for SAM, which are YAML", () => {
    const { stdout } = run("--format", "sam", "--openapi", "openapi.yaml");
    const aliasOf = (api: string) => new RegExp(`Name: ${api}-([0-9a-f]{12})`).exec(stdout)?.[1];
    const [rest, http] = [aliasOf("rest"), aliasOf("http")];
    const { Api, HttpApi, Events, Resources, Environment } = parse(stdout.replaceAll(/!(GetAtt|Ref) /g, ""));
    expect(Api.Auth.Authorizers[`requestHeaderXTenant${rest}`]).toEqual({
      FunctionArn: `AuthorizerAliasOfREST${rest}`,
      FunctionPayloadType: "REQUEST",
      Identity: {
        Headers: ["Authorization", "x-tenant"],
        Context: ["httpMethod", "path", "identity.sourceIp"],
        ReauthorizeEvery: 60,
      },
    });
    expect(HttpApi.Auth.Authorizers[`never${http}`]).toMatchObject({
      EnableSimpleResponses: false,
      Identity: { ReauthorizeEvery: 0 },
    });
    expect(Events["PUT /tenant"]).toEqual({ Auth: { Authorizer: `requestHeaderXTenant${rest}` } });
    expect(Resources[`AuthorizerAliasOfHTTP${http}`]).toMatchObject({
      Type: "AWS::Lambda::Alias",
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: { Name: `http-${http}`, FunctionVersion: "Authorizer.Version.Version" },
    });
    expect(Object.keys(JSON.parse(Environment.Variables.API_CONTRACTS))).toEqual([rest, http].sort());
  });

  it("prints settings for Terraform, with an explicit TTL of 0", () => {
    const { stdout } = run("--format", "terraform", "--openapi", "openapi.yaml", "--api", "rest");
    const [, alias = "", permission = "", never = "", request = ""] = stdout.split(/^resource /m);
    const contract = /name +?= "rest-([0-9a-f]{12})"/.exec(alias)?.[1];
    expect(permission).toContain("qualifier     = aws_lambda_alias.rest.name");
    expect(never).toContain(`"never-${contract}"`);
    expect(never).toContain("authorizer_uri                   = aws_lambda_alias.rest.invoke_arn");
    expect(never).toContain("authorizer_result_ttl_in_seconds = 0\n");
    expect(request).toContain(
      'join(",", ["method.request.header.Authorization", "context.httpMethod", "context.path", "context.identity.sourceIp"])',
    );
    expect(stdout).toContain(`resource "aws_api_gateway_authorizer" "request-header-x-tenant-${contract}"`);
    expect(stdout).toContain(`output "api_contracts"`);
    expect(stdout).toContain(`    "GET /home" = aws_api_gateway_authorizer.token-${contract}.id\n`);
    expect(stdout).toContain('output "cache_contract" {\n  value = local.cache_contract\n}');
  });

  it("refuses a name that can't be in an alias", () => {
    for (const name of ["a_b", "a--b", "a".repeat(65)]) {
      const { status, lines } = run("--api-name", name);
      expect([status, lines[0]]).toEqual([2, expect.stringContaining("--api-name must have letters")]);
    }
  });

  it("puts the authorizer's token source into the cache key", () => {
    const env = { ...process.env, TOKEN_SOURCE: "query:token" };
    const { stdout } = spawnSync(process.execPath, [MAIN, "cache-contract", "--format", "json"], {
      cwd: workspace.root,
      env,
      encoding: "utf8",
    });
    expect(JSON.parse(stdout).settings.rest[0].identitySources).toEqual(["method.request.querystring.token"]);
  });

  it("caches nothing if no cache key can hold the token, and says so", () => {
    const runWith = (TOKEN_SOURCE: string, ...args: readonly string[]) =>
      spawnSync(process.execPath, [MAIN, "cache-contract", ...args], {
        cwd: workspace.root,
        env: { ...process.env, TOKEN_SOURCE },
        encoding: "utf8",
      });
    const table = runWith("cookie:session").stdout;
    expect(table).toContain("REST APIs cache nothing: no cache key can hold the token that TOKEN_SOURCE names.");
    expect(table).toContain("  HTTP  TTL 0 s  $request.header.Cookie");
    expect(runWith("header:A,query:b").stdout).toContain("  REST  TTL 0 s  no identity sources");
    const sam = runWith("header:A,query:b", "--format", "sam").stdout;
    expect(sam).toContain("        Identity:\n          ReauthorizeEvery: 0\n");
    const refused = runWith("subprotocol", "--api", "rest");
    expect([refused.status, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(/^TOKEN_SOURCE: no request to a REST API can have the token there/);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["another value for a trailing slash", ["--trailing-slash", "other"], /^--trailing-slash must be same or denied/],
    ["another format", ["--format", "xml"], /^--format must be table or json or terraform or sam/],
    ["a TTL without a value", ["--ttl", "0"], /^--ttl must be a whole number from 1 to 3600/],
    ["a TTL of more than an hour", ["--ttl", "3601"], /^--ttl must be/],
    ["an unknown flag", ["--stage", "prod"], /--stage is not a flag of this command; there are --policies, /],
    ["a missing file", ["--openapi", "none.yaml"], /^none.yaml: can't be read/],
    [
      "the cache scope token without routes",
      ["--cache-scope", "token"],
      /give its OpenAPI document with --openapi FILE/,
    ],
  ])("reports %s, and prints nothing", (_, args, message) => {
    const { status, stdout, lines } = run(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(lines[0]).toMatch(message);
  });
});

describe("the required sources that a condition declares", () => {
  it.each([
    [
      "a source that it does not read",
      "[request.headers.x-other]",
      "required names request.headers.x-other, which the condition does not read [required.not_read]",
    ],
    [
      "a field that clients can't send",
      "[request.source_ip]",
      "required names request.source_ip, which is neither request.headers.<name> nor request.query.<name> [required.not_a_source]",
    ],
    [
      "a value that is not a list",
      "request.headers.x-tenant",
      'required must be a list of headers and query parameters, like ["request.headers.x-tenant"] [required.wrong_type]',
    ],
  ])("are refused: %s", async (_, required, message) => {
    await using other = await createWorkspace({
      ...POLICIES,
      "access/conditions.rego": POLICIES["access/conditions.rego"].replace("[request.headers.x-tenant]", required),
    });
    const built = await buildIn(other.root);
    const error = [`policies/access/conditions.rego:15: blue: ${message}`, WHERE_CODES_ARE_EXPLAINED];
    expect(built).toEqual({ ok: false, error });
  });
});

describe("the handler as built", () => {
  const issuer = createTestIssuer();
  const environment = {
    TRUSTED_ISSUERS: JSON.stringify([{ userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" }]),
  };

  async function start(
    contract: (manifest: Manifest) => object | undefined,
    cacheScope: "request" | "token" = "request",
  ) {
    const keySets = join(workspace.root, "key-sets.json");
    await writeFile(keySets, JSON.stringify({ [issuer.issuer]: issuer.jwks }));
    const api = { openApiFile: join(workspace.root, "openapi.yaml"), cacheScope };
    const built = await builtIn(workspace.root, { keySetsFile: keySets, ...api });
    const deployed = contract(built.manifest);
    return startLambda({
      handler: join(workspace.root, "dist", "authorizer", "index.mjs"),
      environment: { ...environment, ...(deployed && { CACHE_CONTRACT: JSON.stringify(deployed) }) },
      onDecision: () => {},
    });
  }

  async function ask(lambda: Awaited<ReturnType<typeof start>>, path: string, resource: string) {
    const token = await issuer.sign({ "cognito:groups": ["Customers"], "custom:id": "42", level: 3 });
    const event = redirected("rest-request", createEvent("rest-request", token), "GET", path);
    const answer = await lambda.invoke(
      changed(event, { resource, "requestContext.resourcePath": resource, pathParameters: { customer_id: "42" } }),
    );
    await lambda.close();
    return answer;
  }

  it("returns per-token policy documents where it was deployed for them", async () => {
    const lambda = await start(
      ({ cache_contract: { id } }) => ({ id, cache_scope: "token", rest: ["token"] }),
      "token",
    );
    expect(await ask(lambda, "/customers/42", "/customers/{customer_id}")).toMatchObject({
      response: {
        policyDocument: {
          Statement: [
            {
              Effect: "Allow",
              Resource: [
                expect.stringMatching(/GET\/customers\/42$/),
                expect.stringMatching(/GET\/home$/),
              ].toReversed(),
            },
            { Effect: "Deny" },
            { Effect: "Deny", NotResource: expect.any(Array) },
          ],
        },
      },
    });
  });

  it("returns per-request policy documents where the deployment has no cache contract, as when deployed by hand", async () => {
    const lambda = await start(() => undefined, "token");
    const { policyDocument } = Object(await ask(lambda, "/customers/42", "/customers/{customer_id}")).response;
    expect(policyDocument).toEqual(documentAllowing(expect.stringMatching(/GET\/customers\/42$/)));
  });

  it("warns once if it was deployed without a cache contract", async () => {
    const file = join(workspace.root, "dist", "authorizer", "index.mjs");
    const said = async (contract: (manifest: Manifest) => object | undefined) => {
      const lambda = await start(contract);
      await lambda.close();
      const deployed = contract(JSON.parse(await readFile(join(file, "..", "manifest.json"), "utf8")));
      const env = { ...process.env, ...environment, ...(deployed && { CACHE_CONTRACT: JSON.stringify(deployed) }) };
      return spawnSync(process.execPath, [file], { env, encoding: "utf8" }).stderr;
    };
    expect((await said(() => undefined)).match(/CACHE_CONTRACT is not set/g)).toHaveLength(1);
    expect(await said(({ cache_contract: { id } }) => ({ id }))).toBe("");
  });

  it.each<[string, object, RegExp]>([
    [
      "another contract with a smaller key",
      { id: "sha256:other", rest: ["token", "method", "path"] },
      /responses that must not be cached/,
    ],
    [
      "another token source in its keys",
      { id: "sha256:other", token_source: "query:token", rest: ["token", "method", "path", "source_ip"] },
      /the cache keys take the token from another place than TOKEN_SOURCE; deploy both together/,
    ],
    ["a value that is not a cache contract", { rest: ["token", "method", "path"] }, /id must be/],
    [
      "the cache scope token, which it was not built for",
      { id: "sha256:other", cache_scope: "token", rest: ["token"] },
      /for the per-token policy documents of another package/,
    ],
  ])("does not start with %s", async (_, contract, message) => {
    await expect(start(() => contract)).rejects.toThrow(message);
  });
});
