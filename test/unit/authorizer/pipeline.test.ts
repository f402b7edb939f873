import { describe, expect, it } from "vitest";
import type { Effects, Settings } from "../../../authorizer/pipeline.ts";
import type { Api, ApiKind } from "../../../contract/api-kinds.ts";
import { err } from "../../../contract/result.ts";
import { CERTIFICATE_FIELD } from "../../support/certificates.ts";
import { ALLOWS_ONE, DENIES_ALL, documentAllowing } from "../../support/documents.ts";
import { changed, createEvent, KINDS, redirected } from "../../support/events.ts";
import { ALLOW, authorizeWith } from "../../support/pipeline.ts";

describe("authorize", () => {
  it("allows what the engine allows, and measures how long it took", async () => {
    const { answer, log } = await authorizeWith({});
    expect(answer).toMatchObject({ principalId: "7d8c", policyDocument: ALLOWS_ONE });
    expect(log).toMatchObject([
      {
        decision_id: "new-id",
        timestamp: "2023-11-14T22:13:20.000Z",
        input: { now_s: 1 },
        result: ALLOW,
        metrics: { timer_token_verify_ns: 10, timer_rego_query_eval_ns: 10, timer_server_handler_ns: 50 },
      },
    ]);
  });

  it("logs a line for each request, with the fields that the log may have", async () => {
    const whole = await authorizeWith(
      { evaluate: () => ({ ok: true, value: [{ result: { ...ALLOW, grants: ["a.b", "a.c"] } }] }) },
      createEvent("rest-request", "a.b.c"),
    );
    expect(whole.answer).toMatchObject({ context: { roles: "authenticated", grants: "a.b a.c", revision: "r" } });
    expect(whole.log).toEqual([
      {
        decision_id: "77edd3f4-9d4b-4e2c-9e0f-1d2b0ad9a1d8",
        timestamp: "2023-11-14T22:13:20.000Z",
        labels: { app: "rego-authorizer", kind: "rest-request", api: "abcdef1234", stage: "prod" },
        revision: "r",
        path: "engine/decision",
        input: { now_s: 1 },
        result: { ...ALLOW, grants: ["a.b", "a.c"] },
        metrics: { timer_token_verify_ns: 10, timer_rego_query_eval_ns: 10, timer_server_handler_ns: 50 },
      },
    ]);
  });

  it.each<[string, unknown, object]>([
    ["a value that is not an event", {}, { labels: { app: "rego-authorizer", kind: "unknown" }, input: {} }],
    ["no ARN", changed(createEvent("rest-request", "t"), { methodArn: "x" }), { input: {} }],
    [
      "a field that disagrees",
      changed(createEvent("rest-request", "t"), { "requestContext.stage": "other" }),
      { input: { request: { method: "GET" } }, field: "stage" },
    ],
    [
      "no token",
      createEvent("rest-request", undefined),
      { input: { request: { method: "GET", path: "/customers/42/orders" } } },
    ],
  ])("logs only the method and path of a request that did not reach the policy: %s", async (_, event, expected) => {
    const { log } = await authorizeWith({}, event);
    expect(log).toMatchObject([expected]);
    expect([log[0]?.input, log[0] && "field" in log[0], log[0]?.metrics]).toEqual([
      (expected as { input: object }).input,
      "field" in expected,
      { timer_server_handler_ns: expect.any(Number) },
    ]);
    expect(log[0]?.result).toEqual({
      effect: "deny",
      reasons: [expect.any(String)],
      denials: [],
      unmet: {},
      roles: [],
    });
  });

  it.each<[string, Settings["userTokenUse"], object, string]>([
    ["an ID token where the policy accepts ID tokens", "id", { token_use: "id" }, "allow"],
    ["an access token where the policy accepts ID tokens", "id", { token_use: "access" }, "token.use_refused"],
    ["an ID token where the policy accepts access tokens", "access", { token_use: "id" }, "token.use_refused"],
    [
      "an access token of unknown kind of principal",
      "id",
      { token_use: "access", kind: undefined },
      "token.use_refused",
    ],
    ["a machine's access token in any case", "id", { token_use: "access", kind: "machine" }, "allow"],
    ["a token of another issuer, which has no kind", "id", { token_use: undefined }, "allow"],
    ["both kinds where the policy accepts both", undefined, { token_use: "access" }, "allow"],
  ])("accepts or refuses %s", async (_, userTokenUse, principal, expected) => {
    const value = {
      id: "u",
      kind: "user",
      issuer: "i",
      issuer_name: undefined,
      client_id: "c",
      token_use: "id",
      claims: {},
      ...principal,
    } as const;
    const { log } = await authorizeWith({ verify: async () => ({ ok: true, value }) }, undefined, { userTokenUse });
    const result = log[0]?.result;
    const shown = result !== undefined && "effect" in result && result.effect === "deny" ? result.reasons[0] : "allow";
    expect(shown).toBe(expected);
  });

  it("shows the verification a certificate only where no response is cached", async () => {
    const pem = "-----BEGIN CERTIFICATE-----";
    const fields = Object.values(CERTIFICATE_FIELD).map((field) => [field, { clientCertPem: pem }]);
    const seenBy = async (kind: ApiKind, settings: Partial<Settings>) => {
      const seen: unknown[] = [];
      const verify: Effects["verify"] = async (_, { certificatePem } = {}) => {
        seen.push(certificatePem);
        return err("token.expired");
      };
      await authorizeWith({ verify }, changed(createEvent(kind, "a.b.c"), Object.fromEntries(fields)), settings);
      return seen;
    };
    const table: readonly (readonly [readonly Api[], readonly ApiKind[]])[] = [
      [[], []],
      [["rest"], ["rest-request"]],
      [["http"], ["http-1", "http-2"]],
      [
        ["rest", "http"],
        ["rest-request", "http-1", "http-2"],
      ],
    ];
    for (const [uncachedApis, kinds] of table) {
      for (const kind of KINDS) {
        expect([kind, await seenBy(kind, { uncachedApis })]).toEqual([kind, [kinds.includes(kind) ? pem : undefined]]);
      }
    }
  });

  it("evaluates the policy with the time in seconds", async () => {
    const times: (number | undefined)[] = [];
    await authorizeWith({
      toInput: (_, __, nowS) => {
        times.push(nowS);
        return {};
      },
    });
    expect(times).toEqual([1_700_000_000]);
  });

  it("joins the reasons of a deny", async () => {
    const deny = { effect: "deny", reasons: ["role.missing", "where.mismatch"], denials: [], unmet: {}, roles: [] };
    const { answer } = await authorizeWith({ evaluate: () => ({ ok: true, value: [{ result: deny }] }) });
    expect(answer).toMatchObject({ context: { reason: "role.missing where.mismatch" } });
  });

  it.each<[string, Partial<Effects>]>([
    ["engine.aborted", { evaluate: () => ({ ok: false, error: "engine.aborted" }) }],
    ["engine.undefined", { evaluate: () => ({ ok: true, value: [] }) }],
    ["engine.malformed", { evaluate: () => ({ ok: true, value: [{ result: true }] }) }],
    ["engine.malformed", { evaluate: () => ({ ok: true, value: [{ result: ALLOW }, { result: ALLOW }] }) }],
    ["keys.unavailable", { verify: async () => ({ ok: false, error: "keys.unavailable" }) }],
  ])("throws %s for a fault", async (code, effects) => {
    const { answer, log } = await authorizeWith(effects);
    expect([answer, log[0]?.error, log[0]?.result]).toEqual([code, { code }, undefined]);
  });

  it("turns an exception into a fault, and logs where it was thrown but not its message", async () => {
    const { answer, log } = await authorizeWith({ verify: () => Promise.reject(new Error("hunter2")) });
    expect(answer).toBe("authorizer.failed");
    expect(log[0]?.error).toEqual({
      code: "authorizer.failed",
      frames: expect.arrayContaining([expect.stringMatching(/^at /)]),
    });
    expect(JSON.stringify(log)).not.toContain("hunter2");
  });

  it("turns a thrown value that is not an exception into a fault", async () => {
    const { answer, log } = await authorizeWith({ verify: () => Promise.reject("hunter2") });
    expect([answer, log[0]?.error]).toEqual(["authorizer.failed", { code: "authorizer.failed", frames: [] }]);
  });
});

describe("a per-token policy document", () => {
  const RULE = { verbs: ["GET"], path: "/a", conditions: [], unmet: [] };
  const ENTITLEMENTS = {
    grants: {
      "a.own": { ...RULE, status: "granted", where: { id: "42" } },
      "a.other": { ...RULE, status: "not_held", where: {} },
    },
    denials: {},
    roles: ["authenticated", "user"],
  };
  const route = "/customers/{customer_id}/orders";
  const event = createEvent("rest-request", "a.b.c");
  const settings: Partial<Settings> = {
    tokenDocuments: {
      routes: { "GET /customers/{}/orders": true },
      grants: {
        "a.own": { verbs: ["GET"], path: ["/customers/", "id", "/orders"] },
        "a.other": { verbs: ["GET"], path: ["/other"] },
      },
      denials: {},
    },
  };
  const asked: [string, object][] = [];
  const evaluate: Effects["evaluate"] = (entrypoint, input) => {
    asked.push([entrypoint, input]);
    return { ok: true, value: [{ result: entrypoint === "engine/decision" ? ALLOW : ENTITLEMENTS }] };
  };
  const effects: Partial<Effects> = {
    evaluate,
    toInput: (principal, request) => ({ principal: { id: principal.id, claims: {} }, ...(request && { request: {} }) }),
  };

  it("is made of the principal's entitlements, and logged with them", async () => {
    const { answer, log } = await authorizeWith(effects, event, settings);
    expect(asked.at(-1)).toEqual(["engine/entitlements", { principal: { id: "7d8c", claims: {} } }]);
    expect(answer).toMatchObject({
      principalId: "7d8c",
      policyDocument: {
        Statement: [{ Effect: "Allow", Resource: [expect.stringMatching(/\/GET\/customers\/42\/orders$/)] }, {}, {}],
      },
      context: { roles: "authenticated user", revision: "r" },
    });
    expect(log).toMatchObject([
      {
        path: "engine/entitlements",
        input: { principal: { id: "7d8c" } },
        result: { grants: ["a.own"], denials: [], roles: ["authenticated", "user"] },
        metrics: { timer_token_verify_ns: 10, timer_rego_query_eval_ns: 10 },
      },
    ]);
  });

  it.each<[string, object]>([
    [
      "a path that is not canonical",
      {
        path: "/a//b",
        "requestContext.path": "/prod/a//b",
        methodArn: String(event["methodArn"]).replace(/\/GET\/.*/, "/GET/a//b"),
      },
    ],
    ["an event that disagrees with itself", { path: "/elsewhere" }],
    ["another method in a header", { "headers.X-HTTP-Method-Override": "DELETE" }],
  ])("is the same for %s", async (_, changes) => {
    const usual = await authorizeWith(effects, event, settings);
    expect((await authorizeWith(effects, changed(event, { ...changes }), settings)).answer).toEqual(usual.answer);
  });

  it("is not returned on other routes, to other kinds of events, or where the deployment has another cache scope", async () => {
    const isOfRequest = async (other: unknown, given: Partial<Settings> = settings) =>
      (await authorizeWith(effects, other, given)).log[0]?.path === "engine/decision";
    expect(
      await isOfRequest(changed(event, { resource: "/{proxy+}", pathParameters: { proxy: "customers/42/orders" } })),
    ).toBe(true);
    expect(await isOfRequest(createEvent("http-2", "a.b.c"))).toBe(true);
    expect(await isOfRequest(createEvent("websocket", "a.b.c"))).toBe(true);
    expect(await isOfRequest(event, {})).toBe(true);
    expect(await isOfRequest(event)).toBe(false);
    expect(route).toBe(event["resource"]);
  });

  it.each<[string, Partial<Effects>, unknown, unknown]>([
    ["no token", {}, createEvent("rest-request", undefined), "Unauthorized"],
    ["a bad token", { verify: async () => ({ ok: false, error: "token.expired" }) }, event, "Unauthorized"],
    ["no keys", { verify: async () => ({ ok: false, error: "keys.unavailable" }) }, event, "keys.unavailable"],
    ["an engine that aborted", { evaluate: () => ({ ok: false, error: "engine.aborted" }) }, event, "engine.aborted"],
    ["no entitlements", { evaluate: () => ({ ok: true, value: [] }) }, event, "engine.undefined"],
  ])("is not returned with %s", async (_, changes, sent, thrown) => {
    expect((await authorizeWith({ ...effects, ...changes }, sent, settings)).answer).toBe(thrown);
  });

  it.each<[string, object]>([
    [
      "a claim that no path can have",
      { ...ENTITLEMENTS, grants: { "a.own": { ...RULE, status: "granted", where: { id: "4/2" } } } },
    ],
    ["more roles than fit", { ...ENTITLEMENTS, roles: ["r".repeat(6_000)] }],
  ])("denies everything with %s", async (_, entitlements) => {
    const { answer, log } = await authorizeWith(
      { ...effects, evaluate: () => ({ ok: true, value: [{ result: entitlements }] }) },
      event,
      settings,
    );
    expect(answer).toMatchObject({
      policyDocument: { Statement: [{ Effect: "Deny", Resource: "*" }] },
      context: { reason: "answer.not_expressible" },
    });
    expect(log).toMatchObject([{ path: "engine/decision", result: { reasons: ["answer.not_expressible"] } }]);
  });
});

describe("a path whose ARN is longer than a resource may be", () => {
  const path = `/files/${encodeURIComponent("\u6f22".repeat(60))}.pdf`;

  it.each(KINDS.filter((kind) => kind !== "websocket"))(
    "of a %s event is allowed only if the key has it",
    async (kind) => {
      const event = redirected(
        kind,
        createEvent(kind, "a.b.c"),
        "GET",
        kind.startsWith("http") ? "/f".repeat(300) : path,
      );
      const arn = String(event["routeArn"] ?? event["methodArn"]);
      expect(arn.length).toBeGreaterThan(512);
      const known = await authorizeWith({}, event, { isKeyOfRequest: (other) => other === kind });
      const unknown = await authorizeWith({}, event);
      expect(unknown.answer).toMatchObject({
        policyDocument: { Statement: [{ Effect: "Deny", Resource: "*" }] },
        context: { reason: "answer.not_expressible" },
      });
      // A TOKEN authorizer's event does not have the path of the cache key; the repeated one begins like its own endings.
      const isExpressible = kind === "rest-request";
      expect(known.answer).toMatchObject({
        policyDocument: isExpressible ? documentAllowing(`${arn.slice(0, 511)}*`) : DENIES_ALL,
      });
    },
  );

  it("needs no resource in a simple response", async () => {
    const event = redirected("http-2", createEvent("http-2", "a.b.c"), "GET", `/${"a".repeat(600)}`);
    const simple = await authorizeWith({}, event, { httpResponse: "simple" });
    expect(simple.answer).toMatchObject({ isAuthorized: true });
    const { answer } = await authorizeWith({}, event, { isKeyOfRequest: () => true });
    expect(answer).toMatchObject({ policyDocument: ALLOWS_ONE });
  });
});

describe("where an HTTP API caches responses", () => {
  const event = createEvent("http-2", "a.b.c");
  const key = ["Bearer a.b.c", event["routeKey"], "GET", "/customers/42/orders"];

  it("an event without the complete cache key is a fault, before the policy is evaluated", async () => {
    const evaluate = () => {
      throw new Error("evaluated");
    };
    const { answer, log } = await authorizeWith({ evaluate }, event, { cachesHttpResponses: true });
    expect(answer).toBe("cache.key_incomplete");
    expect(log).toMatchObject([{ error: { code: "cache.key_incomplete" } }]);
  });

  it.each([
    ["a repeated token", { "headers.authorization": "Bearer a.b.c,Bearer d.e.f" }, "token.repeated"],
    ["no token", { "headers.authorization": undefined }, "token.missing"],
    ["a token of another form", { "headers.authorization": "Bearer ~" }, "token.malformed"],
    ["a path that is not canonical", { routeArn: `${event["routeArn"]}//`, rawPath: "//" }, "path.not_canonical"],
  ])("%s is the caller's doing, whatever the event has as its cache key", async (_, changes, code) => {
    const { log } = await authorizeWith({}, changed(event, changes), { cachesHttpResponses: true });
    expect(log).toMatchObject([{ result: { effect: "deny", reasons: [code] } }]);
  });

  it("a token that is not verified is no fault", async () => {
    const refused = { verify: async () => ({ ok: false, error: "token.signature_invalid" }) as const };
    const { log } = await authorizeWith(refused, event, { cachesHttpResponses: true });
    expect(log).toMatchObject([{ result: { effect: "deny", reasons: ["token.signature_invalid"] } }]);
  });

  it("an event with the complete key is decided, and so is one of another kind of API", async () => {
    const whole = await authorizeWith({}, changed(event, { identitySource: key }), { cachesHttpResponses: true });
    expect(whole.log).toMatchObject([{ result: ALLOW }]);
    const rest = await authorizeWith({}, createEvent("rest-request", "a.b.c"), { cachesHttpResponses: true });
    expect(rest.log).toMatchObject([{ result: ALLOW }]);
  });
});

it.each([
  ["API Gateway's request id", createEvent("rest-request", undefined), "77edd3f4-9d4b-4e2c-9e0f-1d2b0ad9a1d8"],
  ["Lambda's, for the event of a TOKEN authorizer, which has none", createEvent("rest-token", undefined), "lambda-id"],
  ["Lambda's, where it is empty", changed(createEvent("http-2", "t"), { "requestContext.requestId": "" }), "lambda-id"],
])("the id of a decision is %s", async (_, event, expected) => {
  expect((await authorizeWith({}, event, {}, "lambda-id")).log[0]?.decision_id).toBe(expected);
});

it("a decision that can't be logged is a fault, whose message quotes nothing", async () => {
  const broken = () => {
    throw new Error("a part of the request");
  };
  expect((await authorizeWith({ record: broken })).answer).toBe("authorizer.failed");
  expect((await authorizeWith({})).answer).toMatchObject({ policyDocument: ALLOWS_ONE });
});

it("every refusal of a token is explained, with the token, and nothing else is", async () => {
  const explained: unknown[] = [];
  const explainRefusal = (...refusal: unknown[]) => void explained.push(refusal);
  await authorizeWith({ explainRefusal });
  await authorizeWith({ explainRefusal, verify: async () => ({ ok: false, error: "token.expired" }) });
  await authorizeWith({ explainRefusal }, createEvent("rest-token", "a.b.c"), { userTokenUse: "id" });
  await authorizeWith({ explainRefusal }, createEvent("rest-token", undefined));
  expect(explained).toEqual([
    ["token.expired", "a.b.c"],
    ["token.use_refused", "a.b.c"],
    ["token.missing", undefined],
  ]);
});

it.each([1_700_000_000_000, 1_700_000_000_007, 1_700_000_000_099, 1_700_000_001_999, 1_700_000_000_123])(
  "the timestamp of a line is in milliseconds: %d",
  async (ms) => {
    const { log } = await authorizeWith({ nowMs: () => ms });
    expect(log[0]?.timestamp).toBe(new Date(ms).toISOString());
  },
);
