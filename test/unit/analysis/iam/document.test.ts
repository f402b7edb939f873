import { describe, expect, it } from "vitest";
import { parseApiArn, sizeOf, toPolicyDocument } from "../../../../analysis/iam/document.ts";
import { toIamExport } from "../../../../analysis/iam/export.ts";
import { isAllowedByIam } from "../../../support/iam-simulation.ts";
import { toRuleIndex } from "../../../support/rule-index.ts";

const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod";

const exported = toIamExport(
  toRuleIndex({
    "a.home": { roles: ["authenticated"], path: "/home" },
    "a.own": { path: "/{customer}", where: { customer: "custom:id" } },
    "a.connect": { roles: ["lead"], verbs: ["CONNECT"], path: "/" },
  }),
  new Map(),
  "r",
  undefined,
);

it("a policy document has the API's ARN before each resource, with or without a slash", () => {
  const document = toPolicyDocument(exported, undefined, API);
  expect(document).toEqual({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "execute-api:Invoke", Resource: [`${API}/GET/home`] },
      { Effect: "Deny", Action: "execute-api:Invoke", Resource: expect.arrayContaining([`${API}/*//*`]) },
    ],
  });
  expect(toPolicyDocument(exported, undefined, `${API}/`)).toEqual(document);
});

it.each(["Nobody", "__proto__", "authenticated"])("there is no document for the group %s", (group) => {
  expect(toPolicyDocument(exported, group, API)).toBeUndefined();
});

it("its size is in characters, without white space", () => {
  const document = { Version: "2012-10-17" as const, Statement: [{ Effect: "Deny" }] };
  expect(sizeOf(document)).toBe(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny"}]}`.length);
});

describe("by the independent evaluator, a document", () => {
  const document = toPolicyDocument(exported, "Users", API) ?? {};
  it.each<[string, string, string | undefined, boolean]>([
    ["allows a customer her own orders", "GET/42", "42", true],
    ["does not allow her another customer's", "GET/43", "42", false],
    ["allows nothing by a tag that is missing", "GET/", undefined, false],
    ["allows nothing by the text of the variable", "GET/${aws:PrincipalTag/id}", undefined, false],
    ["allows a grant without claims to a session without tags", "GET/home", undefined, true],
    ["allows no connection without a grant", "$connect", "42", false],
    ...["", ".", "..", "a/b", "*", "?", "a*b", "a?b"].map((tag): [string, string, string, boolean] => [
      `allows nothing by the tag ${JSON.stringify(tag)}`,
      `GET/${tag}`,
      tag,
      false,
    ]),
  ])("%s", (_, suffix, tag, isAllowed) => {
    expect(isAllowedByIam(document, `${API}/${suffix}`, tag === undefined ? {} : { id: tag })).toBe(isAllowed);
  });

  it("allows the connection to a WebSocket API", () => {
    expect(isAllowedByIam(toPolicyDocument(exported, "Leads", API) ?? {}, `${API}/$connect`, {})).toBe(true);
  });
});

describe("the ARN of an API's stage", () => {
  it.each([
    [API],
    [`${API}/`],
    ["arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abcdef1234/v_1-2"],
    ["arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/$default"],
  ])("is accepted: %s", (text) => {
    expect(parseApiArn(text)).toEqual({ ok: true, value: text.replace(/\/$/, "") });
  });

  it.each([
    [""],
    [`${API}/*`],
    [`${API}/GET/home`],
    ["arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/*"],
    ["arn:aws:execute-api:eu-west-1:123456789012:*/prod"],
    ["arn:aws:execute-api:eu-west-1:123456789012:abcdef1234"],
    ["arn:aws:lambda:eu-west-1:123456789012:abcdef1234/prod"],
    ["arn:aws:execute-api:eu-west-1::abcdef1234/prod"],
  ])("is refused: %s", (text) => {
    expect(parseApiArn(text)).toMatchObject({ ok: false, error: expect.stringMatching(/--api-arn must be like/) });
  });
});
