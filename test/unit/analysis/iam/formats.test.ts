import { describe, expect, it } from "vitest";
import { toIamExport } from "../../../../analysis/iam/export.ts";
import { formatJson, formatTable, SAMPLE_ARN } from "../../../../analysis/iam/formats.ts";
import { toRuleIndex } from "../../../support/rule-index.ts";

const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod";

const exported = toIamExport(
  toRuleIndex(
    {
      "a.home": { roles: ["authenticated"], path: "/home" },
      "a.own": { path: "/customers/{id}", where: { id: "custom:customer_id" }, verbs: ["GET", "PUT"] },
      "a.late": { path: "/late", when: ["office"] },
    },
    { "a.ledger": { path: "/ledger/{p+}", unless: ["office"] } },
  ),
  new Map(),
  "r",
  undefined,
);

it("the table has the permissions of a group's role, its gaps, and the length of its document", () => {
  expect(formatTable(exported, { group: "Users", arnPrefix: API })).toBe(`GROUP Users
  roles     authenticated, user
  may       /customers/<customer_id>  GET, PUT
            /home                     GET
  never     /ledger/?*  GET
  gaps      a.late: needs the condition office, which IAM can't evaluate (though it reads nothing but the token)
  size      1596 of the 10240 characters that a role's inline policies may have

ALL DOCUMENTS
  denials   a.ledger holds even if office, which IAM can't evaluate
  no group  roles.auditor comes from the claim custom:department, not from a group
            roles.machine comes from the scope orders/read, not from a group
  tags      customer_id must have the value of the claim custom:customer_id

A session has the role of one group, even if its user is in several. The documents are
proved for all methods and paths; with --openapi they are proved for an API's routes, and allow more.`);
});

describe("the table", () => {
  const tableOf = (grants: Parameters<typeof toRuleIndex>[0], routes?: readonly { verb: string; path: string }[]) =>
    formatTable(toIamExport(toRuleIndex(grants), new Map(), "r", routes), {
      group: "Users",
      arnPrefix: SAMPLE_ARN,
    });

  it.each<[string, string, RegExp]>([
    ["tells that nothing is allowed", tableOf({}), /may {7}nothing\n/],
    ["tells that nothing is denied beyond the policy", tableOf({}), /denials {3}are as in the policy\n/],
    ["tells that no tag is needed", tableOf({}), /tags {6}none\n/],
    ["tells that its sizes are for no particular API", tableOf({}), /Sizes are for arn:/],
    ["names its routes", tableOf({}, [{ verb: "GET", path: "/" }]), /the routes of this API only \(sha256:/],
    ["has ANY for all methods", tableOf({ "a.a": { path: "/a", verbs: ["ANY"] } }), /may {7}\/a {2}ANY\n/],
    [
      "has the connection to a WebSocket API",
      tableOf({ "a.a": { path: "/", verbs: ["CONNECT"] } }),
      /may {7}\$connect\n/,
    ],
    [
      "warns of a document that is too long for a managed policy",
      tableOf(many(65)),
      /more than the 6144 of a managed policy/,
    ],
    ["warns of a document that is too long for a role", tableOf(many(120)), /\d+ of the 10240 .*: TOO LONG/],
  ])("%s", (_, table, expected) => {
    expect(table).toMatch(expected);
  });
});

it("the JSON of a group is its policy document", () => {
  expect(JSON.parse(formatJson(exported, { group: "Users", arnPrefix: API }))).toMatchObject({
    Version: "2012-10-17",
    Statement: [{ Resource: [`${API}/GET/home`] }, {}, { Effect: "Deny" }],
  });
});

it("the JSON without a group has the documents of all groups", () => {
  const { groups, authenticated } = JSON.parse(formatJson(exported, { group: undefined, arnPrefix: API }));
  expect(Object.keys(groups)).toEqual(["Leads", "Users"]);
  expect(authenticated).toEqual(JSON.parse(formatJson(exported, { group: null, arnPrefix: API })));
});

it("users in no group and a group named authenticated are not confused", () => {
  const roles = { groups: { authenticated: ["lead"] }, scopes: {}, kinds: {}, claims: {}, issuers: {} };
  const grants = {
    "a.lead": { roles: ["lead"], path: "/lead" },
    "a.late": { roles: ["lead"], path: "/late", when: ["office"] },
    "a.all": { roles: ["authenticated"], path: "/all", when: ["office"] },
  };
  const both = toIamExport(toRuleIndex(grants, {}, roles), new Map(), "r", undefined);
  const ofGroup = formatTable(both, { group: "authenticated", arnPrefix: API });
  const ofNone = formatTable(both, { group: null, arnPrefix: API });
  expect(ofGroup).toMatch(/^GROUP authenticated\n.*a\.late: needs the condition/s);
  expect(ofNone).toMatch(/^A USER WITHOUT A GROUP\n.*may {7}nothing\n.*a\.all: needs the condition/s);
  expect(ofNone).not.toContain("a.late");
});

function many(count: number): Parameters<typeof toRuleIndex>[0] {
  return Object.fromEntries([...Array(count).keys()].map((at) => [`a.g${at}`, { path: `/resources-${at}` }]));
}
