import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseUsers } from "../../../local/parse-users.ts";
import { CLAIMS_OF_ISSUER } from "../../../local/users.ts";
import { USER_NAMES } from "../../e2e/aws/support/matrix.ts";
import { ORDERS_FOLDER } from "../../support/orders-policies.ts";

function errorsOf(text: string): readonly string[] {
  const parsed = parseUsers(text, "users.yaml");
  return parsed.ok ? [] : parsed.error;
}

describe("the file of users", () => {
  it("names users with groups and claims of any JSON type, and machines with scopes", () => {
    const text = `
users:
  anna:
    groups: [Members, "7"]
    claims: {"custom:tenant": acme, amr: [pwd, mfa], level: 3, nested: {a: [null, true]}}
    access_claims: {tier: gold}
  bob:
machines:
  importer:
    scopes: [scim/provision]
    claims: {tier: silver}
`;
    expect(parseUsers(text, "users.yaml")).toEqual({
      ok: true,
      value: {
        users: [
          {
            name: "anna",
            groups: ["Members", "7"],
            claims: { "custom:tenant": "acme", amr: ["pwd", "mfa"], level: 3, nested: { a: [null, true] } },
            accessClaims: { tier: "gold" },
          },
          { name: "bob", groups: [], claims: {}, accessClaims: {} },
        ],
        machines: [{ name: "importer", scopes: ["scim/provision"], claims: { tier: "silver" } }],
      },
    });
  });

  it("may have aliases", () => {
    expect(errorsOf("users:\n  a: &a\n    groups: [A]\n  b: *a\n")).toEqual([]);
  });

  it("gives every text, number, list and object as the claim that it is", () => {
    const claims = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(claims, (all) => {
        const settable = Object.fromEntries(Object.entries(all).filter(([name]) => !CLAIMS_OF_ISSUER.includes(name)));
        // JSON has no negative zero.
        const wanted: unknown = JSON.parse(JSON.stringify(settable));
        const parsed = parseUsers(stringify({ users: { a: { claims: wanted } } }), "users.yaml");
        expect(parsed.ok ? parsed.value.users[0]?.claims : parsed.error).toEqual(wanted);
      }),
    );
  });

  it.each<[string, string, string]>([
    ["an unknown section", "user:\n  a:\n", '1: the file has an unknown key "user"; did you mean users?'],
    [
      "an unknown key of a user",
      "users:\n  a:\n    group: [A]\n",
      '3: users.a has an unknown key "group"; did you mean groups?',
    ],
    [
      "an unknown key of a machine",
      "machines:\n  m:\n\n    scope: [a/b]\n",
      '4: machines.m has an unknown key "scope"; did you mean scopes?',
    ],
    [
      "groups that are a text",
      "users:\n  a:\n    groups: A\n",
      "3: users.a.groups must be a list of texts, like [one, two]; quote what YAML reads as another type",
    ],
    [
      "a group that is a number",
      "users:\n  a:\n    groups: [7]\n",
      "3: users.a.groups must be a list of texts, like [one, two]; quote what YAML reads as another type",
    ],
    ["claims that are a list", "users:\n  a:\n    claims: [b]\n", "3: users.a.claims must have a key for each claim"],
    [
      "a list for an issuer",
      "users:\n  a: {issuer: [staff]}\n",
      "2: users.a.issuer must be the name of an issuer, as roles have it in issuers",
    ],
    [
      "a user that is a text",
      "users:\n  a: Admins\n",
      "2: users.a must have the keys issuer, groups, claims, access_claims",
    ],
    ["users that are a list", "users: [a]\n", "1: users must have a key for each name"],
    ["a file that is a text", "users\n", "1: the file must have the keys users, machines"],
    [
      "a claim that the issuer sets",
      "users:\n  a:\n    claims:\n      b: c\n      sub: me\n",
      "5: users.a.claims: the issuer sets sub itself; remove it",
    ],
    [
      "groups as a claim",
      'users:\n  a:\n    claims: {"cognito:groups": [A]}\n',
      "3: users.a.claims: cognito:groups is made from groups; write groups beside claims",
    ],
    [
      "a number that JSON lacks",
      "users:\n  a:\n    access_claims: {n: [.inf]}\n",
      "3: users.a.access_claims: n is a number that JSON, and so a token, can't hold",
    ],
    [
      "a user's name with a space",
      "users:\n  a b:\n",
      '2: "a b" can\'t be the name of a user; Cognito takes 1 to 128 characters, without spaces',
    ],
    [
      "a machine's name with a colon",
      "machines:\n  a:b:\n",
      '2: "a:b" can\'t be the id of a client; use letters, digits, ".", "-" and "_"',
    ],
    [
      "a machine with the client of users",
      "machines:\n  sampleclient:\n",
      "2: sampleclient is the client that users sign in through; use another name",
    ],
    [
      "a scope with a space",
      "machines:\n  m:\n    scopes:\n      - a/b\n      - a/b c/d\n",
      '5: "a/b c/d" can\'t be a scope, which has no spaces, like orders/read',
    ],
    [
      "nobody",
      "users:\n",
      "1: names no user and no machine; name one, or remove the file, and users are derived from the policy",
    ],
    ["a key that occurs twice", "users:\n  a:\n  b:\n  a:\n", "4: is not YAML: Map keys must be unique"],
    ["a tag", "users:\n  a:\n    groups: !Ref x\n", "3: is not YAML: Unresolved tag: !Ref"],
    [
      "an alias without an anchor",
      "users:\n  a:\n  b: *c\n",
      "3: is not YAML: Unresolved alias (the anchor must be set before the alias): c",
    ],
    ["a tab", "users:\n\ta:\n", "2: is not YAML: Tabs are not allowed as indentation"],
    [
      "a quote that is not closed, by the line where it opens",
      'users:\n  a:\n    groups: ["A]\n  b:\n  c:\n',
      '3: is not YAML: Missing closing "quote',
    ],
    [
      "a bracket that is not closed, by the line where it opens",
      "users:\n  a:\n    groups: [A\n  b:\n  c:\n",
      "3: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  ])("may not have %s", (_, text, error) => {
    expect(errorsOf(text)).toEqual([`users.yaml:${error}`]);
  });

  it("has a line for every error, in order", () => {
    const text = "machines:\n  m:\n    scope: []\nusers:\n  a:\n    group: []\n    claim: {}\n";
    expect(errorsOf(text).map((line) => line.split(": ")[0])).toEqual(["users.yaml:3", "users.yaml:6", "users.yaml:7"]);
  });

  it("of another company names users by claims of several types, and machines", () => {
    const file = join(ORDERS_FOLDER, "..", "northwind", "users.yaml");
    const parsed = parseUsers(readFileSync(file, "utf8"), file);
    const { users, machines } = parsed.ok ? parsed.value : { users: [], machines: [] };
    expect(users.find(({ name }) => name === "tadmin")).toEqual({
      name: "tadmin",
      groups: ["TenantAdmins"],
      claims: { "custom:tenant": "acme", amr: ["pwd", "mfa"] },
      accessClaims: {},
    });
    expect([users.length, machines.length]).toEqual([7, 3]);
  });

  it("of the policy that npm run e2e deploys names the users of its tables", () => {
    const file = join(ORDERS_FOLDER, "users.yaml");
    const parsed = parseUsers(readFileSync(file, "utf8"), file);
    expect(parsed.ok ? parsed.value.users.map(({ name }) => name).sort() : parsed.error).toEqual(
      [...USER_NAMES].sort(),
    );
  });
});
