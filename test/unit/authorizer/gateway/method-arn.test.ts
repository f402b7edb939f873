import { describe, expect, it } from "vitest";
import { formatMethodArn, parseMethodArn } from "../../../../authorizer/gateway/method-arn.ts";

const PARTS = { partition: "aws", region: "eu-west-1", accountId: "123456789012", apiId: "a1b2c3", stage: "prod" };
const PREFIX = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod";

const ACCEPTED = [
  [`${PREFIX}/GET/`, { ...PARTS, verb: "GET", path: "/" }],
  [`${PREFIX}/GET/a/b`, { ...PARTS, verb: "GET", path: "/a/b" }],
  [`${PREFIX}/GET/a:b/c`, { ...PARTS, verb: "GET", path: "/a:b/c" }],
  [`${PREFIX}/GET/a\nb`, { ...PARTS, verb: "GET", path: "/a\nb" }],
  [`${PREFIX}/GET/`.padEnd(1600, "a"), { ...PARTS, verb: "GET", path: `/${"a".repeat(1599 - PREFIX.length - 4)}` }],
  [`${PREFIX}/GET//a`, { ...PARTS, verb: "GET", path: "//a" }],
  [`${PREFIX}/$connect`, { ...PARTS, verb: "$connect", path: "" }],
  [`${PREFIX.replace("prod", "$default")}/PUT/a`, { ...PARTS, stage: "$default", verb: "PUT", path: "/a" }],
  [`${PREFIX.replace("aws", "aws-us-gov")}/GET/a`, { ...PARTS, partition: "aws-us-gov", verb: "GET", path: "/a" }],
] as const;

const LONGEST = `${PREFIX}/GET/`.padEnd(1600, "a");

const REFUSED = [
  "",
  "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3",
  "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod",
  `${PREFIX}/GET`,
  `${PREFIX}/get/a`,
  `${PREFIX}/*/a`,
  `${PREFIX}/$disconnect`,
  `${PREFIX.replace("execute-api", "s3")}/GET/a`,
  `${PREFIX.replace("123456789012", "*")}/GET/a`,
  `${PREFIX.replace("prod", "*")}/GET/a`,
  `x${PREFIX}/GET/a`,
  `${LONGEST}a`,
  `${LONGEST.slice(0, -1)}\u00e9`,
  `${PREFIX.replace("a1b2c3", "a1/b2c3")}/GET/a`,
  `${PREFIX.replace("a1b2c3", "-/a1b2c3")}/GET/a`,
  `${PREFIX}/GET\n/a`,
];

describe("parseMethodArn", () => {
  it.each(ACCEPTED)("reads %s, and writes it back", (text, parts) => {
    expect(parseMethodArn(text)).toEqual({ ok: true, value: parts });
    expect(formatMethodArn(parts)).toBe(text);
  });

  it.each(REFUSED)("refuses %s", (text) => {
    expect(parseMethodArn(text)).toEqual({ ok: false, error: "event.malformed" });
  });
});
