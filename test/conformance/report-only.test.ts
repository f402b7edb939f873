import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKind, traitsOf } from "../../contract/api-kinds.ts";
import { isObject } from "../../contract/json.ts";
import { builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { judgePolicy } from "../../simulator/judge-policy.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { changed, createEvent, KINDS, redirected } from "../support/events.ts";
import { TEST_POLICIES } from "../support/policies.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

const CONTRACTS = { rest: "aaaaaaaaaaaa", http: "bbbbbbbbbbbb", websocket: "cccccccccccc" } as const;
const ENFORCED = { rest: "dddddddddddd", http: "eeeeeeeeeeee", websocket: "ffffffffffff" } as const;
/** A TOKEN authorizer is never report-only, since API Gateway refuses a request without a token before it invokes one. */
const REPORTED_KINDS = KINDS.filter((kind) => traitsOf(kind).tokenIn !== "authorization_token");

describe("a report-only authorizer, as it was built", () => {
  let issuer: TestIssuer;
  let workspace: Workspace;
  let authorizer: RunningAuthorizer;
  let simple: RunningAuthorizer;

  beforeAll(async () => {
    issuer = createTestIssuer();
    workspace = await createWorkspace(TEST_POLICIES);
    await builtIn(workspace.root);
    const manifest = await readFile(`${workspace.root}/dist/authorizer/manifest.json`, "utf8");
    const environment = {
      CACHE_CONTRACT: JSON.stringify({ id: JSON.parse(manifest).cache_contract.id }),
      API_CONTRACTS: JSON.stringify({
        ...Object.fromEntries(Object.entries(CONTRACTS).map(([api, id]) => [id, { api, mode: "report" }])),
        ...Object.fromEntries(Object.entries(ENFORCED).map(([api, id]) => [id, { api }])),
      }),
    };
    authorizer = await startAuthorizer(issuer, environment);
    simple = await startAuthorizer(issuer, { ...environment, HTTP_RESPONSE: "simple" });
  });
  afterAll(async () => {
    await authorizer[Symbol.asyncDispose]();
    await simple[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  const reportAlias = (kind: ApiKind) => `orders-report-${CONTRACTS[traitsOf(kind).api]}`;
  const enforcingAlias = (kind: ApiKind) => `orders-${ENFORCED[traitsOf(kind).api]}`;

  /** Names what API Gateway does with a response: by its own evaluation of the policy document for the event's ARN. */
  function effectOf(invocation: Awaited<ReturnType<RunningAuthorizer["invoke"]>>, event: object): string {
    if ("error" in invocation) return invocation.error;
    const { isAuthorized, policyDocument } = Object(invocation.response);
    if (isAuthorized !== undefined) return isAuthorized ? "allow" : "implicit_deny";
    const { methodArn, routeArn } = Object(event);
    return judgePolicy(policyDocument, methodArn ?? routeArn);
  }

  async function eventsOf(kind: ApiKind) {
    const none = await issuer.sign({});
    const customer = await issuer.sign({ "cognito:groups": ["Customers"] });
    const expired = await issuer.sign({ exp: 1 });
    return {
      "of a caller whom the policy allows": [createEvent(kind, customer), undefined],
      "of a caller whom the policy denies": [createEvent(kind, none), /^(role|where|grant|denial|condition)/],
      "without a token": [createEvent(kind, undefined), "token.missing"],
      "with an expired token": [createEvent(kind, expired), "token.expired"],
      "with something that is not a token": [createEvent(kind, "x"), "token.malformed"],
      "with fields that disagree": [changed(createEvent(kind, customer), { "requestContext.stage": "x" }), /^event\./],
    } as const;
  }

  describe.each(REPORTED_KINDS)("for %s", (kind) => {
    it("lets every request through, and logs what it would have decided", async () => {
      for (const [name, [event, reason]] of Object.entries(await eventsOf(kind))) {
        const reported = await authorizer.invoke(event, reportAlias(kind));
        expect(effectOf(reported, event), name).toBe("allow");
        const entry = authorizer.log.at(-1);
        expect(entry?.labels.mode, name).toBe("report");
        const reasons = entry?.result && "reasons" in entry.result ? entry.result.reasons : [];
        expect(reasons, name).toEqual(reason === undefined ? [] : [expect.stringMatching(reason)]);
      }
    });

    it("enforces the same decisions by the alias that says so", async () => {
      for (const [name, [event, reason]] of Object.entries(await eventsOf(kind))) {
        const enforced = effectOf(await authorizer.invoke(event, enforcingAlias(kind)), event);
        expect(enforced === "allow", `${name}: ${enforced}`).toBe(reason === undefined);
        expect(authorizer.log.at(-1)?.labels).not.toHaveProperty("mode");
      }
    });

    it("says nothing of the decision or the caller to the back end", async () => {
      const responses = [];
      for (const [event] of Object.values(await eventsOf(kind))) {
        const invocation = await authorizer.invoke(event, reportAlias(kind));
        const { principalId, context } = Object("response" in invocation ? invocation.response : undefined);
        responses.push({ principalId, context });
      }
      const [first] = responses;
      expect(first).toEqual({
        principalId: "report-only",
        context: { mode: "report", revision: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
      expect(responses).toEqual(responses.map(() => first));
    });
  });

  const requestKinds = REPORTED_KINDS.filter((kind) => traitsOf(kind).authorizes === "requests");
  it.each(requestKinds)("lets a request through whose path no policy document may name (%s)", async (kind) => {
    const token = await issuer.sign({});
    for (const path of ["/files/*", "/files/${aws:username}", `/files/${"a".repeat(600)}`, "/files/?x", "/a//b"]) {
      const event = redirected(kind, createEvent(kind, token), "GET", path);
      expect(effectOf(await authorizer.invoke(event, reportAlias(kind)), event), path).toBe("allow");
    }
  });

  it("gives an HTTP API with simple responses a simple one", async () => {
    for (const [name, [event, reason]] of Object.entries(await eventsOf("http-2"))) {
      const reported = await simple.invoke(event, reportAlias("http-2"));
      const { isAuthorized, context } = Object("response" in reported ? reported.response : undefined);
      expect([isAuthorized, context.principalId, Object.keys(context)], name).toEqual([
        true,
        "report-only",
        ["principalId", "mode", "revision"],
      ]);
      const enforced = await simple.invoke(event, enforcingAlias("http-2"));
      expect(effectOf(enforced, event) === "allow", name).toBe(reason === undefined);
    }
  });

  it("lets a request through that it can't decide, and logs the fault", async () => {
    // The alias is of another kind of API than the event.
    const event = createEvent("rest-request", await issuer.sign({}));
    expect(effectOf(await authorizer.invoke(event, reportAlias("http-2")), event)).toBe("allow");
    expect(authorizer.log.at(-1)).toMatchObject({
      labels: { mode: "report" },
      error: { code: "deployment.wrong_api" },
    });
    expect(effectOf(await authorizer.invoke(event, enforcingAlias("http-2")), event)).toBe("deployment.wrong_api");
  });

  it("lets nothing through by an alias and a contract that disagree about the mode", async () => {
    const event = createEvent("rest-request", await issuer.sign({ "cognito:groups": ["Customers"] }));
    for (const alias of [`orders-${CONTRACTS.rest}`, `orders-report-${ENFORCED.rest}`, `report-${CONTRACTS.rest}`]) {
      const invocation = await authorizer.invoke(event, alias);
      expect("error" in invocation && invocation.error, alias).toMatch(/^deployment\.(wrong_mode|no_contract)$/);
    }
  });

  it("has no way to let an event through that names no method", async () => {
    const event = { ...createEvent("rest-request", await issuer.sign({})), methodArn: "x" };
    const invocation = await authorizer.invoke(event, reportAlias("rest-request"));
    const document = "response" in invocation && isObject(invocation.response) && invocation.response["policyDocument"];
    expect(document).toMatchObject({ Statement: [{ Effect: "Deny", Resource: "*" }] });
  });
});
