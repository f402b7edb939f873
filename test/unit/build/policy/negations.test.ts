import { describe, expect, it } from "vitest";
import { findCodes } from "../../../support/checked-conditions.ts";

const ID = "input.principal.id";
const CLAIM = 'input.principal.claims["custom:a"]';
const HEADER = 'input.request.headers["x-approver"][0]';

/** Checks conditions, and returns the codes of each by its name. */
async function codesOf(conditions: Readonly<Record<string, string>>, helpers: readonly string[] = []) {
  const bodies = Object.entries(conditions);
  const codes = await findCodes([...helpers, ...bodies.map(([, body], at) => `c${at} if {\n\t${body}\n}`)]);
  return Object.fromEntries(bodies.map(([name], at) => [name, codes.get(`c${at}`)]));
}

function each(conditions: Readonly<Record<string, string>>, codes: readonly string[]) {
  return Object.fromEntries(Object.keys(conditions).map((name) => [name, codes]));
}

describe("`not … in` a list of base data", () => {
  const TAKEN = {
    "the principal's id": `not ${ID} in data.data.blocked`,
    "the id in a variable": `id := ${ID}\n\tnot id in data.data.lists.blocked`,
    "a parameter that is there": "tenant := input.params.tenant\n\tnot tenant in data.data.closed",
    "a header that is there": `who := lower(${HEADER})\n\tnot who in data.data.blocked`,
    "the method": "not input.request.method in data.data.frozen",
  };
  it("is taken if the text must be there and no claim can be missing", async () => {
    expect(await codesOf(TAKEN)).toEqual(each(TAKEN, []));
  });

  const REFUSED = {
    "a claim": `not ${CLAIM} in data.data.blocked`,
    "a claim in a variable": `a := ${CLAIM}\n\tnot a in data.data.blocked`,
    "the text of a claim": `a := values.text(${CLAIM})\n\tnot a in data.data.blocked`,
    "a parameter that may be missing": "not input.params.tenant in data.data.closed",
    "a header that may be missing": `not ${HEADER} in data.data.blocked`,
    "an address, which some events lack": "not input.request.source_ip in data.data.blocked",
    "one of several values": 'some who in input.request.headers["x-approver"]\n\tnot who in data.data.blocked',
    "the second value": 'who := input.request.headers["x-approver"][1]\n\tnot who in data.data.blocked',
    "a list of literals": `not ${ID} in {"a", "b"}`,
    "a list of a claim": `not ${ID} in ${CLAIM}`,
    "a list by a claim": `not ${ID} in data.data.blocked[${CLAIM}]`,
    "a helper": `not ${ID} in blocked`,
    "a test of a helper": `not is_blocked(${ID})`,
    "a comparison": `not ${ID} == data.data.owner`,
    "all base data": `not ${ID} in data.data`,
  };
  it("is refused otherwise", async () => {
    const helpers = ["blocked := data.data.blocked", "is_blocked(id) if id in data.data.blocked"];
    const codes = await codesOf(REFUSED, helpers);
    for (const [name, found] of Object.entries(codes))
      expect([name, found]).toEqual([name, expect.arrayContaining(["condition.not"])]);
  });
});

describe("`!=`", () => {
  const TAKEN = {
    "an approver who is somebody else": `${HEADER} != ${ID}`,
    "a parameter that is somebody else": `input.params.user_id != ${ID}`,
    "a parameter and a literal": 'input.params.user_id != "me"',
    "texts in variables": `who := lower(input.request.query.by[0])\n\tme := lower(${ID})\n\twho != me`,
    "a day that is not the bad one": 'input.calendar["Europe/Berlin"].weekday != "sunday"',
    "a kind that is known": 'input.principal.kind != "machine"',
  };
  it("is taken between two texts that no claim can make or leave out", async () => {
    expect(await codesOf(TAKEN)).toEqual(each(TAKEN, []));
  });

  const REFUSED = {
    "a claim": `${CLAIM} != ${ID}`,
    "the text of a claim": `values.text(${CLAIM}) != ${ID}`,
    "a claim in a variable": `a := ${CLAIM}\n\ta != "suspended"`,
    "all values of a header": `input.request.headers["x-approver"] != ${ID}`,
    "some value of a header": `some who in input.request.headers["x-approver"]\n\twho != ${ID}`,
    "the empty text": `${HEADER} != ""`,
    "a number": `${HEADER} != 7`,
    "base data": `${ID} != data.data.owner`,
    "a part of a text": `split(${ID}, "-")[0] != "a"`,
    "the values of a claim": `caller.values("custom:a") != {"x"}`,
  };
  it("is refused otherwise", async () => {
    const codes = await codesOf(REFUSED);
    for (const [name, found] of Object.entries(codes))
      expect([name, found]).toEqual([name, expect.arrayContaining(["condition.not_equal"])]);
  });

  it("can't be turned around", async () => {
    expect(await codesOf({ one: `(${HEADER} != ${ID}) == false`, two: `not ${HEADER} != ${ID}` })).toEqual({
      one: ["condition.nested_test"],
      two: ["condition.not"],
    });
  });
});

describe("an exempt rule", () => {
  const exempt = (body: string) =>
    `# METADATA\n# custom:\n#   opens_when_missing: It is a test.\nit if {\n\t${body}\n}`;

  it.each([
    ["base data", `not ${CLAIM} in data.data.blocked`],
    ["imported base data", `not ${CLAIM} in lists.blocked`],
    ["base data by a claim", `not data.data.blocked[${CLAIM}]`],
    ["a helper", `not is_blocked(${CLAIM})`],
    ["a helper by its full name", `not data.access.conditions.is_blocked(${CLAIM})`],
    ["values", `not values.number(${CLAIM}) > 3`],
    ["roles", `not caller.has_role("staff")`],
    ["two of the same", `not values.text(${CLAIM}) in data.data.a\n\tnot values.text(${CLAIM}) in data.data.b`],
  ])("can use what others can: %s", async (_, body) => {
    const codes = await findCodes(
      ["is_blocked(a) if a in data.data.blocked", exempt(body)],
      "import data.data.lists\n",
    );
    expect(codes.get("it")).toEqual([]);
  });

  it.each([
    ["all data", `not data[${CLAIM}]`],
    ["all base data", `not data.data[${CLAIM}]`],
    ["roles as they are written", `not data.access.roles[${CLAIM}]`],
    ["the engine", "not data.engine.decision.effect"],
    ["the engine's principal, in a call", `not values.text(data.engine.principal.roles[${CLAIM}])`],
    ["a document in brackets", `not data.data.blocked[data.engine.decision.effect]`],
    ["a package of the engine as a whole", "not caller == {}"],
  ])("can't refer to what the build can't follow: %s", async (_, body) => {
    expect((await findCodes([exempt(body)])).get("it")).toEqual(["condition.reference"]);
  });
});

it("`import rego.v1` is taken in conditions, and other imports are not", async () => {
  expect((await findCodes([`it if ${ID} == "a"`], "import rego.v1\n")).get("it")).toEqual([]);
});
