import { describe, expect, it } from "vitest";
import { findAccessErrors } from "../../../contract/declared-access.ts";
import { operationsOf } from "../../../openapi/operations.ts";
import { createOperationJudge } from "../../../openapi/public-operations.ts";
import { parseRoutes } from "../../../openapi/read-routes.ts";

const OPEN = { security: [] };
const ANY = "x-amazon-apigateway-any-method";
const NOTHING = { Ref: "AWS::NoValue" };
const verbs = ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const RULES = { publicRules: [{ name: "ops.hook", verbs, path: "/hook" }], apiName: undefined };

function toDocument(item: object): object {
  return { openapi: "3.0.1", info: { title: "hook", version: "1" }, paths: { "/hook": item } };
}

function choose(one: object, other: object): object {
  return { "Fn::If": ["Prod", one, other] };
}

describe("an operation for every verb, of which the policy leaves GET to an operation of its own", () => {
  it.each<[string, object, readonly string[]]>([
    ["is public if that exists in any case", { [ANY]: OPEN, get: {} }, ["public"]],
    ["is not if a condition removes that", { [ANY]: OPEN, get: choose({}, NOTHING) }, ["partly"]],
    ["is public if both are in one branch", choose({ [ANY]: OPEN, get: {} }, NOTHING), ["public"]],
    ["is not in the branch that lacks that", choose({ [ANY]: OPEN, get: {} }, { [ANY]: OPEN }), ["public", "partly"]],
    ["is not without that", { [ANY]: OPEN }, ["partly"]],
  ])("%s", (_, item, kinds) => {
    const document = toDocument(item);
    const judge = createOperationJudge(document, RULES);
    const found = operationsOf(document).filter(({ verb }) => verb === "ANY");
    expect(found.map((one) => judge(one).kind)).toEqual(kinds);
  });

  it.each<[string, object, readonly string[]]>([
    ["if that exists in any case", { [ANY]: OPEN, get: {} }, []],
    ["unless a condition removes that", { [ANY]: OPEN, get: choose({}, NOTHING) }, ["route.partly_public"]],
    ["if both are in one branch", choose({ [ANY]: OPEN, get: {} }, NOTHING), []],
    ["unless a branch lacks that", choose({ [ANY]: OPEN, get: {} }, { [ANY]: OPEN }), ["route.partly_public"]],
    ["if each branch has one of that", choose({ [ANY]: OPEN, get: {} }, { [ANY]: OPEN, get: {} }), []],
    ["unless that is in the other branch", choose({ [ANY]: OPEN }, { get: {} }), ["route.partly_public"]],
  ])("is public to the build, too, %s", (_, item, codes) => {
    const routes = parseRoutes(JSON.stringify(toDocument(item)));
    const errors = routes.ok ? findAccessErrors(RULES.publicRules, routes.value) : [];
    expect([routes.ok, errors.map(({ code }) => code)]).toEqual([true, codes]);
  });
});

describe("a path item with a condition", () => {
  const routesOf = (item: object) => {
    const parsed = parseRoutes(JSON.stringify(toDocument(item)));
    return parsed.ok ? parsed.value : parsed.error;
  };

  it("may have an operation in both branches", () => {
    expect(routesOf(choose({ get: {} }, { get: {}, put: {} }))).toEqual([
      { verb: "GET", path: "/hook", mayLack: ["PUT /hook"] },
      { verb: "PUT", path: "/hook" },
    ]);
  });

  it.each(["first", "second"])("is open if its %s branch is", (place) => {
    const branches = [{ get: OPEN }, { get: {} }] as const;
    const [one, other] = place === "first" ? branches : branches.toReversed();
    expect(routesOf(choose(one ?? {}, other ?? {}))).toEqual([{ verb: "GET", path: "/hook", isOpen: true }]);
  });
});
