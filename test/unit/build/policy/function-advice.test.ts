import { expect, it } from "vitest";
import { IN_CONDITIONS } from "../../../../build/policy/builtins.ts";
import { findAdvice } from "../../../../build/policy/function-advice.ts";
import { readOpaErrors } from "../../../../build/policy/opa-errors.ts";
import { toFunctionProblem, toReferenceProblem } from "../../../../build/policy/refused-references.ts";
import { readBuiltIns } from "../../../../build/policy/vocabulary.ts";
import { opaIn } from "../../../support/opa.ts";

const builtIns = await readBuiltIns(await opaIn("."));

it("every function of OPA that conditions can't call has advice, and no other has", () => {
  const advised = [...builtIns.keys()].filter((name) => findAdvice(name) !== undefined);
  expect(advised).toEqual([...builtIns.keys()].filter((name) => !IN_CONDITIONS.has(name)));
});

it("advice names only functions that conditions can call", () => {
  const named = [...builtIns.keys()].flatMap((name) => {
    const advice = (findAdvice(name) ?? "").replaceAll(`${name} `, "").replaceAll(`${name}(null)`, "");
    return [...advice.matchAll(/(?<![\w.])[a-z_]+(?:\.[a-z_]+)*(?=\()/g)].map(([called]) => called);
  });
  const ofEngine = ["values.number", "values.text", "values.within", "caller.values"];
  const unknown = [...new Set(named)].filter((name) => !IN_CONDITIONS.has(name) && !ofEngine.includes(name));
  expect(unknown).toEqual([]);
});

it.each([
  ["time.now_ns", /input\.now_s/],
  ["time.parse_rfc3339_ns", /seconds since 1970/],
  ["time.weekday", /input\.calendar/],
  ["regex.match", /startswith/],
  ["glob.match", /startswith/],
  ["sprintf", /concat/],
  ["net.cidr_contains_matches", /some block in/],
  ["json.unmarshal", /caller\.values/],
  ["object.get", /the value itself/],
  ["to_number", /values\.number/],
  ["io.jwt.decode", /input\.principal\.claims/],
])("%s is refused with advice, whether OPA refuses it or the check of conditions", (name, advice) => {
  const location = { file: "policies/access/conditions.rego", row: 3 };
  const errors = [{ code: "rego_type_error", message: `undefined function ${name}`, location }];
  const output = { succeeded: false, stdout: "", stderr: JSON.stringify({ errors }) };
  const messages = [toFunctionProblem(name).message, readOpaErrors(output, builtIns)[0]?.message];
  expect(messages).toEqual([expect.stringMatching(advice), expect.stringMatching(advice)]);
});

it.each([
  ["data.access.roles.staff", /caller\.has_role/],
  ["data.engine.principal.roles", /caller\.has_role/],
  ["data.access.orders.grants", /grants and denials name conditions/],
  ["data.access_lib", /name a rule or function/],
  ["data.office.networks", /data\.data\.office/],
  ["data.data", /name the base datum/],
])("a reference to %s is refused with advice", (name, advice) => {
  expect(toReferenceProblem(name).message).toMatch(advice);
});
