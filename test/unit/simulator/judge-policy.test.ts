import { runUnsafeSimulation } from "@cloud-copilot/iam-simulate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgePolicy, type PolicyVerdict } from "../../../simulator/judge-policy.ts";

const API = "arn:aws:execute-api:eu-west-1:123456789012:local00api";
const ARN = `${API}/local/GET/orders/7`;
const ACCOUNT_ID = "123456789012";

type Statement = Readonly<Record<string, unknown>>;

function allow(resource: string | readonly string[], changes: Statement = {}): Statement {
  return { Effect: "Allow", Action: "execute-api:Invoke", Resource: resource, ...changes };
}

function deny(resource: string | readonly string[]): Statement {
  return allow(resource, { Effect: "Deny" });
}

function denyOthers(resource: string | readonly string[]): Statement {
  return { Effect: "Deny", Action: "execute-api:Invoke", NotResource: resource };
}

function documentOf(...statements: readonly Statement[]): object {
  return { Version: "2012-10-17", Statement: statements };
}

describe("a policy allows a request", () => {
  it.each<[string, string | readonly string[], string?]>([
    ["by its very ARN", ARN],
    ["by a star for everything", "*"],
    ["by a star that matches slashes", `${API}/local/*`],
    ["by a star that matches nothing", `${API}/local/GET/orders/7*`],
    ["by a star that matches the verb and the stage", `${API}/*/orders/7`],
    ["by several stars with backtracking", `${API}/*/or*s/*`, `${API}/local/GET/or/ors/ords/x`],
    ["by a star for colons", `${API}/local/GET/*`, `${API}/local/GET/a:b/c:d`],
    ["by a question mark, one character", `${API}/local/GET/orders/?`],
    ["by a question mark for a slash", `${API}/local/GET/orders?7`],
    ["by a question mark for a character of two units", `${API}/local/GET/?`, `${API}/local/GET/😀`],
    ["by any one of a list", [`${API}/local/GET/x`, ARN]],
    ["by stars in the segments before", "arn:aws:execute-api:*:*:*/local/GET/orders/7"],
    ["by an ARN that ends early, as if stars followed", "arn:aws:execute-api:eu-west-1"],
    ["by an escaped star", `${API}/local/GET/\${*}`, `${API}/local/GET/*`],
    ["by an escaped question mark", `${API}/local/GET/\${?}`, `${API}/local/GET/?`],
    ["by an escaped dollar sign", `${API}/local/\${$}connect`, `${API}/local/$connect`],
    ["by a literal dollar sign", `${API}/local/$connect`, `${API}/local/$connect`],
    ["by a variable's default", `${API}/local/GET/\${aws:username, 'orders'}/7`],
    ["by a bracket that is never closed", `${API}/local/GET/\${*`, `${API}/local/GET/\${x`],
  ])("%s", (_, resource, arn = ARN) => {
    expect(judgePolicy(documentOf(allow(resource)), arn)).toBe("allow");
  });

  it.each([["execute-api:Invoke"], ["execute-api:*"], ["*"], ["EXECUTE-API:inv?ke"], [["s3:*", "execute-api:I*"]]])(
    "by the action %j",
    (action) => {
      expect(judgePolicy(documentOf(allow(ARN, { Action: action })), ARN)).toBe("allow");
    },
  );

  it("by one statement outside a list", () => {
    expect(judgePolicy({ Version: "2012-10-17", Statement: allow(ARN) }, ARN)).toBe("allow");
  });

  it("by NotResource with other resources", () => {
    const statement = { Effect: "Allow", Action: "*", NotResource: [`${API}/local/GET/admin*`, `${API}/local/PUT/*`] };
    expect(judgePolicy(documentOf(statement), ARN)).toBe("allow");
    expect(judgePolicy(documentOf(statement), `${API}/local/GET/admin/7`)).toBe("implicit_deny");
  });

  it("without a version, in which an escaped star stays a wildcard", () => {
    expect(judgePolicy({ Statement: [allow(`${API}/local/GET/\${*}`)] }, `${API}/local/GET/\${x}`)).toBe("allow");
    expect(judgePolicy({ Statement: [allow(`${API}/local/GET/\${*}`)] }, `${API}/local/GET/*`)).toBe("implicit_deny");
  });
});

describe("a policy does not allow a request", () => {
  it.each<[string, string | readonly string[], string?]>([
    ["by another resource", `${API}/local/GET/orders/8`],
    ["by a part of it", ARN.slice(0, -1)],
    ["by an ARN that continues", `${ARN}/`],
    ["by a dot for any character", ARN.replace("-api", ".api")],
    ["by brackets for one of several characters", `${API}/local/GET/orders/[7]`],
    ["by another letter case", `${API}/local/get/orders/7`],
    ["by a question mark for nothing", `${ARN}?`],
    ["by a star before the wrong number of segments", "arn:aws:*/local/GET/orders/7"],
    ["by an ARN that ends early and differs", "arn:aws:s3"],
    ["by a variable", `${API}/local/GET/\${aws:username}/7`],
    ["by a variable's empty default", `${API}/local/GET/orders/7\${aws:username, ''}`],
    ["by no resource at all", []],
    ["by an escaped star", `${API}/local/GET/\${*}`],
    ["by a path that contains the wildcard", `${API}/local/GET/orders/7`, `${API}/local/GET/orders/*`],
  ])("%s", (_, resource, arn = ARN) => {
    expect(judgePolicy(documentOf(allow(resource)), arn)).toBe("implicit_deny");
  });

  it.each([["execute-api:ManageConnections"], ["s3:Invoke"], ["execute*:Invoke"], [[]]])(
    "by the action %j",
    (action) => {
      expect(judgePolicy(documentOf(allow(ARN, { Action: action })), ARN)).toBe("implicit_deny");
    },
  );

  it("without any statement", () => {
    expect(judgePolicy(documentOf(), ARN)).toBe("implicit_deny");
  });
});

describe("a policy denies a request explicitly", () => {
  it.each<[string, readonly Statement[]]>([
    ["beside an allow, whichever comes first", [deny("*"), allow(ARN)]],
    ["beside an allow, whichever comes last", [allow(ARN), deny(ARN)]],
    ["by NotResource without it", [allow("*"), denyOthers([`${API}/local/PUT/*`, `${API}/local/GET/orders/8`])]],
  ])("%s", (_, statements) => {
    expect(judgePolicy(documentOf(...statements), ARN)).toBe("explicit_deny");
  });

  it.each<[string, Statement]>([
    ["a variable in Resource", deny(`${API}/local/GET/\${aws:username}*`)],
    ["a variable in NotResource", denyOthers([`${API}/local/PUT/*`, `${API}/local/GET/\${aws:username}`])],
    ["an ARN that ends early in NotResource", denyOthers("arn:aws:s3")],
    ["the request in NotResource", denyOthers(["arn:aws:s3:::*", ARN])],
  ])("but not with %s", (_, statement) => {
    expect(judgePolicy(documentOf(allow("*"), statement), ARN)).toBe("allow");
  });
});

describe("a policy is malformed", () => {
  it.each<[string, unknown]>([
    ["that is null", null],
    ["that is a string", JSON.stringify(documentOf(allow(ARN)))],
    ["that is a list", [allow(ARN)]],
    ["without statements", { Version: "2012-10-17" }],
    ["of an unknown version", { Version: "2024-01-01", Statement: [allow(ARN)] }],
    ["with null for a statement", { Version: "2012-10-17", Statement: null }],
    ["with null among its statements", { Version: "2012-10-17", Statement: [allow(ARN), null] }],
    ["without an effect", documentOf({ Action: "*", Resource: "*" })],
    ["with another effect", documentOf(allow(ARN, { Effect: "allow" }))],
    ["without an action", documentOf({ Effect: "Allow", Resource: "*" })],
    ["with an action without a service", documentOf(allow(ARN, { Action: "Invoke" }))],
    ["with NotAction", documentOf({ Effect: "Allow", NotAction: "s3:*", Resource: "*" })],
    ["without a resource", documentOf({ Effect: "Allow", Action: "*" })],
    ["with both Resource and NotResource", documentOf(allow(ARN, { NotResource: "*" }))],
    ["with a resource that is not an ARN", documentOf(allow("/orders/*"))],
    ["with a number for a resource", documentOf(allow([ARN], { Resource: [ARN, 7] }))],
    ["with a principal", documentOf(allow(ARN, { Principal: "*" }))],
    ["with a condition", documentOf(allow(ARN, { Condition: {} }))],
    ["with a number for a Sid", documentOf(allow(ARN, { Sid: 1 }))],
    ["beside a statement that denies", documentOf(deny("*"), { Effect: "Allow" })],
  ])("%s", (_, document) => {
    expect(judgePolicy(document, ARN)).toBe("malformed");
  });
});

it("takes no time with a pattern of many stars", () => {
  const pattern = `${API}/local/GET/${"a*".repeat(200)}b`;
  expect(judgePolicy(documentOf(allow(pattern)), `${API}/local/GET/${"a".repeat(1500)}`)).toBe("implicit_deny");
}, 2_000);

const RUNS = 1000;

const stage = fc.constantFrom("local", "prod");
const verb = fc.constantFrom("GET", "POST");
/** Paths without a star, which the other evaluator takes for a wildcard of the request. */
const path = fc
  .array(fc.constantFrom("a", "b", "GET", ":", "%2F", "$connect", "[", ".", "+", "?", "/", "/"), { maxLength: 5 })
  .map((pieces) => `/${pieces.join("")}`);
const requestArn = fc.tuple(stage, verb, path).map(([name, method, rest]) => `${API}/${name}/${method}${rest}`);

const piece = fc.constantFrom(
  ...["*", "*", "?", "${*}", "${?}", "${$}", "${aws:username}", "${aws:username, 'a'}", "${"],
  ...["/", "a", "GET", ":", "%2F", "$connect", "[", ".", "+"],
);
/** Generates ARNs of a request with pieces replaced, so that many patterns match, or pieces alone. */
function patternFor(arn: string): fc.Arbitrary<string> {
  const from = API.length + 1;
  const cut = fc.tuple(fc.nat({ max: arn.length - from }), fc.nat({ max: 4 }), fc.array(piece, { maxLength: 3 }));
  const altered = cut.map(
    ([at, length, pieces]) => `${arn.slice(0, from + at)}${pieces.join("")}${arn.slice(from + at + length)}`,
  );
  const made = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `${API}/${pieces.join("")}`);
  const wide = fc.constantFrom(
    "*",
    `${API}/*`,
    `${API}/*/GET/*`,
    "arn:aws:execute-api:*:*:*",
    "arn:aws:*",
    "arn:aws:s3",
  );
  return fc.oneof({ weight: 4, arbitrary: altered }, made, wide);
}
const requestAndPolicy = requestArn.chain((arn) => {
  const resources = fc.oneof(patternFor(arn), fc.array(patternFor(arn), { minLength: 1, maxLength: 3 }));
  const statement = fc.record({
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    Action: fc.constantFrom("execute-api:Invoke", "execute-api:Invoke", "execute-api:*", "*", [
      "s3:*",
      "execute-api:I*",
    ]),
    element: fc.constantFrom("Resource", "Resource", "Resource", "NotResource"),
    resources,
  });
  const statements = fc
    .array(statement, { minLength: 1, maxLength: 3 })
    .map((list) => list.map(({ element, resources: texts, ...rest }) => ({ ...rest, [element]: texts })));
  return fc.tuple(fc.constant(arn), statements);
});

const VERDICTS: Readonly<Record<string, PolicyVerdict>> = {
  Allowed: "allow",
  ExplicitlyDenied: "explicit_deny",
  ImplicitlyDenied: "implicit_deny",
};

function judgeIndependently(document: object, arn: string): PolicyVerdict | undefined {
  const result = runUnsafeSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT_ID}:user/caller`,
        action: "execute-api:Invoke",
        resource: { resource: arn, accountId: ACCOUNT_ID },
        contextVariables: {},
      },
      identityPolicies: [{ name: "answer", policy: document }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return VERDICTS[result];
}

it("judges as an independent evaluator of IAM does", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(requestAndPolicy, ([arn, statements]) => {
      const verdict = judgePolicy(documentOf(...statements), arn);
      expect(verdict).toBe(judgeIndependently(documentOf(...statements), arn));
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      const hasNotResource = statements.some((statement) => "NotResource" in statement);
      if (hasNotResource) seen.set("NotResource", (seen.get("NotResource") ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  for (const outcome of ["allow", "explicit_deny", "implicit_deny", "NotResource"])
    expect([outcome, (seen.get(outcome) ?? 0) > RUNS / 10]).toEqual([outcome, true]);
});
