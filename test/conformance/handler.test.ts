import { execFile } from "node:child_process";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { builtIn, createWorkspace } from "../../dev/workspace.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { changed, createEvent, redirected, type TestEvent } from "../support/events.ts";
import { TEST_POLICIES } from "../support/policies.ts";
import { AS_MACHINE, createTestIssuer, type TestIssuer } from "../support/tokens.ts";

let issuer: TestIssuer;
let authorizer: RunningAuthorizer;
beforeAll(async () => {
  issuer = createTestIssuer();
  authorizer = await startAuthorizer(issuer);
});
afterAll(() => authorizer[Symbol.asyncDispose]());

/** Names the outcome of an event: `Allow`, or the reason against it. */
async function ask(event: TestEvent, asked = authorizer): Promise<string> {
  const invocation = await asked.invoke(event);
  if ("error" in invocation) return invocation.error;
  const { policyDocument, context } = invocation.response as {
    policyDocument: { Statement: readonly { Effect: string }[] };
    context: Readonly<Record<string, string>>;
  };
  const effect = policyDocument.Statement[0]?.Effect ?? "";
  return effect === "Allow" ? "Allow" : `${effect} ${context["reason"]}`;
}

function customer(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return issuer.sign({ "cognito:groups": ["Customers"], ...claims });
}

describe("the decision depends on", () => {
  async function request(kind: ApiKind, method: string, path: string, changes = {}, claims = {}): Promise<string> {
    const event = redirected(kind, createEvent(kind, await customer(claims)), method, path);
    return ask(changed(event, changes));
  }

  it.each(["rest-request", "http-1", "http-2"] as const)("the source address (%s)", async (kind) => {
    const from = kind === "http-2" ? "requestContext.http.sourceIp" : "requestContext.identity.sourceIp";
    expect(await request(kind, "DELETE", "/files/archive/1")).toBe("Allow");
    expect(await request(kind, "DELETE", "/files/archive/1", { [from]: "198.51.100.1" })).toBe("Deny denial");
    expect(await request(kind, "DELETE", "/files/archive/1", { [from]: undefined })).toBe("Deny denial");
  });

  it("the source address, which a TOKEN authorizer's event lacks, so that the denial applies", async () => {
    expect(await request("rest-token", "DELETE", "/files/archive/1")).toBe("Deny denial");
  });

  it("headers and query parameters", async () => {
    const both = { "headers.x-tenant": "blue", rawQueryString: "page=1" };
    expect(await request("http-2", "GET", "/tenants/a", both)).toBe("Allow");
    expect(await request("http-2", "GET", "/tenants/a", { ...both, "headers.x-tenant": "red" })).toBe(
      "Deny condition.unmet",
    );
    expect(await request("http-2", "GET", "/tenants/a", { ...both, rawQueryString: "page=2&page=1" })).toBe(
      "Deny condition.unmet request.ambiguous",
    );
    expect(await request("http-2", "GET", "/tenants/a")).toBe("Deny condition.unmet");
  });

  it("the parameters of the path", async () => {
    expect(await request("rest-request", "GET", "/self/me", {}, { sub: "me" })).toBe("Allow");
    expect(await request("rest-request", "GET", "/self/you", {}, { sub: "me" })).toBe("Deny condition.unmet");
  });

  it("the time", async () => {
    const nowS = Math.floor(Date.now() / 1000);
    expect(await request("rest-request", "POST", "/refunds", {}, { auth_time: nowS - 60 })).toBe("Allow");
    expect(await request("rest-request", "POST", "/refunds", {}, { auth_time: nowS - 7200 })).toBe(
      "Deny condition.unmet",
    );
    expect(await request("rest-request", "POST", "/refunds", {}, { auth_time: undefined })).toBe(
      "Deny condition.unmet",
    );
  });

  it("the scopes of a machine, and not of a user", async () => {
    const scope = "orders/read";
    expect(await ask(createEvent("rest-request", await issuer.sign({ ...AS_MACHINE, scope })))).toBe("Allow");
    expect(await ask(createEvent("rest-request", await issuer.sign({ scope })))).toBe("Deny role.missing");
  });
});

describe("the response", () => {
  it("is a deny where no policy document can express the allowed resource", async () => {
    const path = `/files/${"a".repeat(500)}`;
    const event = redirected("rest-request", createEvent("rest-request", await customer()), "GET", path);
    expect(await ask(event)).toBe("Deny answer.not_expressible");
  });

  it.each([null, "event", 7, [], {}, { type: "REQUEST", version: "9" }])(
    "denies everything for a value that is not an event: %j",
    async (event) => {
      const { response } = (await authorizer.invoke(event)) as { response: { policyDocument: object } };
      expect(response.policyDocument).toMatchObject({ Statement: [{ Effect: "Deny", Resource: "*" }] });
    },
  );

  it("is a fault while the keys can't be fetched, and never an allow", async () => {
    const stranger = createTestIssuer("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Cold00000");
    await using cold = await startAuthorizer(issuer, {
      TRUSTED_ISSUERS: JSON.stringify([
        {
          userPoolId: "eu-west-1_Cold00000",
          clientIds: ["testclient"],
          tokenUse: "any",
          jwksUri: "http://127.0.0.1:1/keys",
        },
      ]),
    });
    const event = createEvent("http-2", await stranger.sign({ "cognito:groups": ["Customers"] }));
    expect([await ask(event, cold), await ask(event, cold)]).toEqual(["keys.unavailable", "keys.cooling_down"]);
    expect(cold.log.map(({ error, result }) => [error?.code, result])).toEqual([
      ["keys.unavailable", undefined],
      ["keys.cooling_down", undefined],
    ]);
  });

  it("allows by the token in a query parameter, where the configuration says so", async () => {
    await using websocket = await startAuthorizer(issuer, { TOKEN_SOURCE: "query:token" });
    const token = await customer();
    const parameters = { "queryStringParameters.token": token, "multiValueQueryStringParameters.token": [token] };
    expect(await ask(changed(createEvent("websocket", undefined), parameters), websocket)).toBe("Allow");
    expect(await ask(createEvent("websocket", token), websocket)).toBe("Unauthorized");
  });
});

describe("claims that are passed on", () => {
  const KEY = "key-of-one-customer-7f3a9c";

  it("reach the back end in the context, and API Gateway as a key that is never logged", async () => {
    const settings = { CONTEXT_CLAIMS: "custom:tenant", USAGE_KEY_CLAIM: "custom:usage_key" };
    await using passing = await startAuthorizer(issuer, settings);
    const token = await customer({ "custom:tenant": "blue", "custom:usage_key": KEY });
    const invocation = await passing.invoke(createEvent("rest-request", token));
    expect(invocation).toMatchObject({
      response: { usageIdentifierKey: KEY, context: { custom_tenant: "blue", issuer: issuer.issuer } },
    });
    expect(JSON.stringify(passing.log)).not.toContain(KEY);
  });

  it("have no key that the policy reads, since the log would have it", async () => {
    await expect(startAuthorizer(issuer, { USAGE_KEY_CLAIM: "custom:tenant" }, {}, READS_TENANT)).rejects.toThrow(
      /USAGE_KEY_CLAIM: the policy reads this claim/,
    );
  });

  it("are compared with the package although other settings have errors", async () => {
    const settings = { USAGE_KEY_CLAIM: "custom:tenant", KEYS: "hunter2", TOKEN_SOURCE: "hunter2" };
    const message = await startAuthorizer(issuer, settings, {}, READS_TENANT).then(String, String);
    const names = ["TOKEN_SOURCE", "KEYS", "USAGE_KEY_CLAIM"].map((name) => `${name}: .*`);
    expect(message).toMatch(new RegExp(`can't start:\n${names.join("\n")}\n$`));
    expect(message).not.toContain("hunter2");
  });
});

const READS_TENANT = {
  policies: {
    ...TEST_POLICIES,
    "access/roles.rego": `${TEST_POLICIES["access/roles.rego"]}\nblue := {"claims": {"custom:tenant": {"blue"}}}\n`,
    "access/blue.rego":
      'package access.blue\n\ngrants["read"] := {"roles": {"blue"}, "verbs": {"GET"}, "path": "/blue"}\n',
  },
};

describe("the decision log", () => {
  const SECRET = "hunter2-in-a-place-that-no-policy-reads";

  it("has a line for each decision, whole and in OPA's format if the setting says so", async () => {
    await using fresh = await startAuthorizer(issuer, { DECISION_LOG: "opa", AWS_LAMBDA_FUNCTION_VERSION: "7" });
    const event = createEvent("rest-request", await customer());
    await ask(event, fresh);
    expect(fresh.log).toEqual([
      {
        decision_id: "77edd3f4-9d4b-4e2c-9e0f-1d2b0ad9a1d8",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        labels: { app: "rego-authorizer", kind: "rest-request", api: "abcdef1234", stage: "prod", version: "7" },
        revision: expect.stringMatching(/^[0-9a-f]{64}$/),
        path: "engine/decision",
        input: {
          principal: {
            id: "7d8ca528-4931-4254-9273-ea5ee853f271",
            kind: "user",
            issuer: issuer.issuer,
            claims: {
              "cognito:groups": ["Customers"],
              auth_time: expect.any(Number),
              scope: "aws.cognito.signin.user.admin",
              sub: "7d8ca528-4931-4254-9273-ea5ee853f271",
            },
          },
          request: { method: "GET", path: "/customers/42/orders", source_ip: "203.0.113.7", headers: {}, query: {} },
          now_s: expect.any(Number),
        },
        result: {
          effect: "allow",
          grants: ["orders.read"],
          params: { "orders.read": { customer_id: "42" } },
          roles: ["authenticated", "customer"],
        },
        metrics: {
          timer_server_handler_ns: expect.any(Number),
          timer_token_verify_ns: expect.any(Number),
          timer_rego_query_eval_ns: expect.any(Number),
        },
      },
    ]);
  });

  it("has a line without the issuer, if there is one only, without roles and parameters, and with the API and stage", async () => {
    await using fresh = await startAuthorizer(issuer);
    await ask(createEvent("rest-request", await customer()), fresh);
    const { input, labels, result } = fresh.log[0] ?? {};
    expect(labels).toEqual({ app: "rego-authorizer", api: "abcdef1234", stage: "prod" });
    expect(Object(input).principal).toEqual({
      id: "7d8ca528-4931-4254-9273-ea5ee853f271",
      kind: "user",
      claims: expect.any(Object),
    });
    expect(result).toEqual({ effect: "allow", grants: ["orders.read"] });
  });

  it("has neither the token nor any field that the policy does not read", async () => {
    await using fresh = await startAuthorizer(issuer);
    const token = await customer({ email: SECRET, "custom:salary": SECRET });
    const event = changed(createEvent("rest-request", token), {
      "headers.Cookie": SECRET,
      "multiValueHeaders.Cookie": [SECRET],
      "queryStringParameters.password": SECRET,
      "stageVariables.key": SECRET,
    });
    expect(await ask(event, fresh)).toBe("Allow");
    expect(await ask(changed(event, { path: `/${SECRET}` }), fresh)).toBe("Deny event.inconsistent");
    const lines = JSON.stringify(fresh.log);
    expect(lines).not.toContain(SECRET);
    for (const part of token.split(".")) expect(lines).not.toContain(part);
  });

  it("has the method, the path and the reason of a request that did not reach the policy", async () => {
    await using fresh = await startAuthorizer(issuer);
    await ask(createEvent("rest-token", undefined), fresh);
    await ask({}, fresh);
    expect(
      fresh.log.map(({ decision_id, labels, input, result }) => ({ decision_id, kind: labels.kind, input, result })),
    ).toEqual([
      {
        decision_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        kind: "rest-token",
        input: { request: { method: "GET", path: "/customers/42/orders" } },
        result: { effect: "deny", reasons: ["token.missing"], denials: [], unmet: {} },
      },
      {
        decision_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        kind: "unknown",
        input: {},
        result: { effect: "deny", reasons: ["event.unknown"], denials: [], unmet: {} },
      },
    ]);
  });
});

describe("the handler", () => {
  async function startWith(
    environment: Readonly<Record<string, string>>,
    missing: readonly string[] = [],
    zone?: string,
  ): Promise<{ code: number; stderr: string }> {
    await using workspace = await createWorkspace(TEST_POLICIES);
    await builtIn(workspace.root);
    // A folder from which nothing beside the sources can be imported.
    const folder = join(workspace.root, "deployed");
    await cp(join(workspace.root, "dist", "authorizer"), folder, { recursive: true });
    for (const name of missing) await rm(join(folder, name));
    const changed = join(folder, "manifest.json");
    if (zone !== undefined) {
      const manifest = JSON.parse(await readFile(changed, "utf8"));
      manifest.input_references.push(["calendar", zone, "hour"]);
      await writeFile(changed, JSON.stringify(manifest));
    }
    const script = `await import(${JSON.stringify(pathToFileURL(join(folder, "index.mjs")).href)})`;
    try {
      await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { env: environment });
      return { code: 0, stderr: "" };
    } catch (error) {
      return error as { code: number; stderr: string };
    }
  }
  const TRUSTED_ISSUERS = '[{"userPoolId": "eu-west-1_Test00000", "clientIds": ["testclient"], "tokenUse": "any"}]';

  it("starts with a valid configuration and a complete package", async () => {
    expect(await startWith({ TRUSTED_ISSUERS })).toMatchObject({ code: 0 });
  });

  it("does not start with an invalid configuration, and prints every error on a line of its own", async () => {
    const { code, stderr } = await startWith({ TRUSTED_ISSUERS: '[{"userPoolId": "x"}]', HTTP_RESPONSE: "json" }, [
      "policy.wasm",
    ]);
    expect(code).toBe(1);
    for (const line of [
      "TRUSTED_ISSUERS[0].userPoolId: must be a user pool id, like eu-west-1_Abc123",
      "TRUSTED_ISSUERS[0].clientIds: must be a list of the app clients whose tokens are accepted",
      'TRUSTED_ISSUERS[0].tokenUse: must be "access", "id" or "any"',
      "HTTP_RESPONSE: must be iam or simple",
      "policy.wasm: is missing or broken; build and deploy the package again",
    ]) {
      expect(stderr.split("\n")).toContain(line);
    }
  });

  it("does not start if nothing may be fetched and the keys of an issuer are not packed", async () => {
    const { code, stderr } = await startWith({ TRUSTED_ISSUERS, KEYS: "packed" });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("KEYS: is packed, but key-sets.json has no key set of TRUSTED_ISSUERS[0]"),
    ]);
  });

  it("does not start for the calendar of a time zone that its runtime does not know", async () => {
    const { code, stderr } = await startWith({ TRUSTED_ISSUERS }, [], "Atlantis/Poseidonis");
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("the policy reads the calendar of Atlantis/Poseidonis"),
    ]);
    expect(await startWith({ TRUSTED_ISSUERS }, [], "Europe/Berlin")).toMatchObject({ code: 0 });
  });

  it.each(["data.json", "manifest.json", "policy.wasm"])("does not start without its %s", async (name) => {
    const { code, stderr } = await startWith({ TRUSTED_ISSUERS }, [name]);
    expect([
      code,
      stderr.split("\n").includes(`${name}: is missing or broken; build and deploy the package again`),
    ]).toEqual([1, true]);
  });
});
