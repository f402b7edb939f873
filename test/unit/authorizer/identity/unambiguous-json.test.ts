import { describe, expect, it } from "vitest";
import { isUnambiguous } from "../../../../authorizer/identity/unambiguous-json.ts";
import { parseJson } from "../../../../contract/json.ts";

describe("JSON with one reading", () => {
  it.each([
    "{}",
    "[]",
    '"x"',
    "7",
    '{"a":1,"b":2}',
    '{ "a" : { "a" : 1 } , "b" : [ { "a" : 2 } , { "a" : 3 } ] }',
    '{"a":"a","b":"a"}',
    '{"a":["a","a"],"b":["b"]}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a\\\\":1,"a":2}',
    '{"a\\"":1,"a":2,"b":"\\\\"}',
    '{"a":"\\\\\\"","b":1}',
    '{"":1,"a":{"":2}}',
    '{"a":1,"A":2}',
    "[".repeat(32) + "]".repeat(32),
    '{"\\ud83d\\ude00":"\\ud83d\\ude00"}',
    '{"a":"\\\\ud800"}',
    '"\\u0000\\uffff"',
  ])("%s", (json) => {
    JSON.parse(json);
    expect(isUnambiguous(json, parseJson(json))).toBe(true);
  });
});

describe("JSON with two readings", () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"a":2}',
    '{"a\\"":1,"a\\"":2}',
    '{"a\\\\":1,"a\\\\":2}',
    '{"":1,"":2}',
    '[{"a":1,"a":2}]',
    '{"x":[1,{"y":{"a":1,"a":2}}]}',
    '{"x":[],"a":{},"x":1}',
    '{"x":{"b":"}"},"x":1}',
    '{"x":"[","y":"\\\\","x":1}',
    "[".repeat(33) + "]".repeat(33),
    ['{"a":'.repeat(33), 1, "}".repeat(33)].join(""),
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '{"\\ud800":1}',
    '{"a":[{"b":"x\\uDBFF"}]}',
    '{"a":"\\\\\\ud800"}',
  ])("%s", (json) => {
    JSON.parse(json);
    expect(isUnambiguous(json, parseJson(json))).toBe(false);
  });
});
