import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLambda } from "../../../local/lambda.ts";
import { type RunningAuthorizer, startAuthorizer } from "../../support/authorizer.ts";
import { assemble, type Behaviour, BODIES, type Shape } from "../../support/engines.ts";
import { changed, createEvent, KINDS, redirected } from "../../support/events.ts";
import { judged } from "../../support/judged.ts";
import { createTestIssuer, type TestIssuer } from "../../support/tokens.ts";

// Cases 82 to 88: the policy's module and its result. The engine misbehaves for principals of the group Z and allows
// all others, so each case has its control in the same handler, before and after.

let issuer: TestIssuer;
beforeAll(() => {
  issuer = createTestIssuer();
});

async function ask(authorizer: RunningAuthorizer, group: string): Promise<string> {
  return judged(authorizer, createEvent("rest-request", await issuer.sign({ "cognito:groups": [group] })));
}

/** Reports the outcomes of a request, of two for which the engine misbehaves, and of the next one. */
async function outcomesOf(behaviour: Behaviour, shape: Shape = {}): Promise<readonly string[]> {
  await using authorizer = await startAuthorizer(issuer, {}, { "policy.wasm": await assemble(behaviour, shape) });
  return [
    await ask(authorizer, "a"),
    await ask(authorizer, "Z"),
    await ask(authorizer, "Z"),
    await ask(authorizer, "a"),
  ];
}

describe("an engine that gives no result: a fault, and the next request is decided", () => {
  it.each([
    [83, "traps", BODIES.trap],
    [83, "aborts, which opa-wasm throws as a string", BODIES.abort],
    [83, "divides by zero", BODIES.division],
    [83, "reads beyond its memory", BODIES.outOfBounds],
    [83, "recurses without end", BODIES.recursion],
    [86, "gives the address of a string beyond its memory", BODIES.resultOutOfBounds],
    [86, "gives a string without a terminator", BODIES.noTerminator],
    [85, "allocates memory without end", BODIES.memory],
  ])("%i. it %s", async (_, __, evaluate) => {
    expect(await outcomesOf({ evaluate })).toEqual(["allow", "fault engine.aborted", "fault engine.aborted", "allow"]);
  });

  it("84. it loops forever: the Lambda's time-out ends it, and the next request is decided", async () => {
    // Long enough for the requests before and after on a busy machine, too.
    const timeoutMs = 3_000;
    const damage = { "policy.wasm": await assemble({ evaluate: BODIES.loop }) };
    await using authorizer = await startAuthorizer(issuer, {}, damage, { timeoutMs });
    expect(await ask(authorizer, "a")).toBe("allow");
    const event = createEvent("rest-request", await issuer.sign({ "cognito:groups": ["Z"] }));
    expect(await authorizer.invoke(event)).toEqual({ error: "Task timed out after 3.00 seconds" });
    expect(await ask(authorizer, "a")).toBe("allow");
  });
});

describe("an engine whose result is not a decision: a fault", () => {
  const decision = (changes: object) =>
    JSON.stringify([{ result: { effect: "allow", grants: ["a.b"], params: {}, roles: [], ...changes } }]);
  it.each<[number, string, string]>([
    [82, "[]", "engine.undefined"],
    ...[
      "[{}]",
      '[{"result":null}]',
      '[{"result":true}]',
      '[{"result":"allow"}]',
      '[{"result":[true]}]',
      '[{"result":1}]',
      "null",
      "true",
      "1",
      '"true"',
      '"allow"',
      "[true]",
      "{}",
      '{"result":{"effect":"allow"}}',
      `[${decision({}).slice(1, -1)},${decision({}).slice(1, -1)}]`,
      decision({ effect: "Allow" }),
      decision({ effect: true }),
      decision({ effect: undefined }),
      decision({ grants: [] }),
      decision({ grants: undefined }),
      decision({ grants: "a.b" }),
      decision({ grants: [7] }),
      decision({ params: undefined }),
      decision({ params: { "a.b": { id: 7 } } }),
      decision({ roles: undefined }),
      decision({ roles: [null] }),
      decision({ effect: "deny", reasons: [], denials: [], unmet: {} }),
      decision({ effect: "deny", reasons: ["denial"], denials: undefined, unmet: {} }),
      decision({ effect: "deny", reasons: ["denial"], denials: [], unmet: [] }),
    ].map<[number, string, string]>((text) => [82, text, "engine.malformed"]),
  ])("%i. %s", async (_, result, code) => {
    expect(await outcomesOf({ result })).toEqual(["allow", `fault ${code}`, `fault ${code}`, "allow"]);
  });

  it.each(["", "[{", "undefined", "[{}] x", "\u0001", "{'a': 1}"])(
    "86. a result that is not JSON: %j",
    async (result) => {
      expect(await outcomesOf({ result })).toEqual(["allow", "fault engine.aborted", "fault engine.aborted", "allow"]);
    },
  );
});

describe("a module of another policy engine", () => {
  it.each<[string, Shape, RegExp]>([
    ["of another ABI", { abi: 2 }, /can't be loaded/],
    ["of a later version of the ABI", { abiMinor: 99 }, /can't be loaded/],
    ["of an earlier version of the ABI", { abiMinor: 1 }, /can't be loaded/],
    ["without the entry point", { entrypoints: '{"engine/other":0}' }, /give no decision on a trial/],
    ["that traps when it starts", { start: "(func $start (unreachable)) (start $start)" }, /can't be loaded/],
  ])("%s: does not start", async (_, shape, message) => {
    await expect(outcomesOf({}, shape)).rejects.toThrow(message);
    expect(await outcomesOf({ result: "[]" })).toContain("allow");
  });

  it("without a WebAssembly module, or with a broken handler: does not start", async () => {
    await expect(startAuthorizer(issuer, {}, { "policy.wasm": "text" })).rejects.toThrow(
      /policy\.wasm: is missing or broken/,
    );
    await expect(
      startLambda({ handler: "/nowhere/index.mjs", environment: {}, onDecision: () => {} }),
    ).rejects.toThrow();
  });
});

describe("the real engine", () => {
  let authorizer: RunningAuthorizer;
  beforeAll(async () => {
    authorizer = await startAuthorizer(issuer);
  });
  afterAll(() => authorizer[Symbol.asyncDispose]());
  const asked = async (claims: object, changes: object = {}) => {
    const token = await issuer.sign({ "cognito:groups": ["Customers"], ...claims });
    return judged(authorizer, changed(createEvent("rest-request", token), { ...changes }));
  };

  it.each<[string, object, string]>([
    [
      "a group of every character up to U+07FF",
      { "cognito:groups": ["Customers", String.fromCharCode(...Array(2048).keys())] },
      "allow",
    ],
    ["a claim nested 30 deep", { sub: "me", auth_time: JSON.parse("[".repeat(30) + "]".repeat(30)) }, "allow"],
  ])("decides on %s, and on the next request", async (_, claims, expected) => {
    expect([await asked(claims), await asked({})]).toEqual([expected, "allow"]);
  });

  it("decides on the largest event that API Gateway sends", async () => {
    const headers = Object.fromEntries([...Array(100).keys()].map((at) => [`x-header-${at}`, "y".repeat(90)]));
    const query = Object.fromEntries([...Array(200).keys()].map((at) => [`q${at}`, "z".repeat(40)]));
    const changes = Object.fromEntries([
      ...Object.entries(headers).map(([name, value]) => [`headers.${name}`, value]),
      ...Object.entries(query).map(([name, value]) => [`queryStringParameters.${name}`, value]),
    ]);
    expect(await asked({}, changes)).toBe("allow");
  });

  it.each(KINDS)(
    "88. the response to a %s event has a form that API Gateway understands, and is below 8 kB",
    async (kind) => {
      const token = await issuer.sign({ "cognito:groups": ["Customers"] });
      for (const event of [
        createEvent(kind, token),
        createEvent(kind, await issuer.sign()),
        redirected(kind, createEvent(kind, token), "GET", `/files/${"a".repeat(400)}`),
      ]) {
        const invocation = await authorizer.invoke(event);
        if ("error" in invocation) continue;
        const { principalId, context } = invocation.response as { principalId: string; context: object };
        expect(principalId).toMatch(/./);
        for (const value of Object.values(context)) expect(typeof value).toBe("string");
        expect(JSON.stringify(invocation.response).length).toBeLessThan(8_192);
      }
    },
  );
});
